import { Keyboard, LogOut, Settings } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Menu, MenuItem, MenuSeparator } from '../ui/index.ts'
import { LanguageChoice, ThemeChoice } from './Preferences.tsx'
import { useSession } from './session.ts'

type Props = { onSettings: () => void; onShortcuts: () => void }

/** The account's menu; on a phone it also holds language and theme. */
export function UserMenu({ onSettings, onShortcuts }: Props) {
  const t = useTranslations('shell')
  const session = useSession()
  if (!session) return null
  const { name, role } = session.user
  return (
    <Menu
      className="w-56"
      trigger={
        <button
          type="button"
          aria-label={t('user.menu', { name })}
          className="ml-1 flex size-8 shrink-0 items-center justify-center rounded-full border border-border bg-stack-fill font-semibold text-sm text-stack-ink uppercase transition-colors hover:border-border-strong"
        >
          {[...name][0]}
        </button>
      }
    >
      <div className="px-2 py-2">
        <p className="truncate font-medium">{name}</p>
        <p className="text-faint text-sm">{t(`role.${role}`)}</p>
      </div>
      <MenuSeparator />
      <div className="md:hidden">
        <LanguageChoice />
        <ThemeChoice />
        <MenuSeparator />
      </div>
      <MenuItem onSelect={onSettings}>
        <Settings size={14} aria-hidden className="text-faint" />
        {t('user.settings')}
      </MenuItem>
      <MenuItem onSelect={onShortcuts}>
        <Keyboard size={14} aria-hidden className="text-faint" />
        {t('user.shortcuts')}
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={() => session.end()}>
        <LogOut size={14} aria-hidden className="text-faint" />
        {t('user.logout')}
      </MenuItem>
    </Menu>
  )
}
