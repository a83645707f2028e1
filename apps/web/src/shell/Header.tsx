import { Route, Search } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { CreateMenu } from '../features/changes/CreateMenu.tsx'
import { useFollow } from '../features/packets/useFollow.ts'
import { IconButton, Kbd } from '../ui/index.ts'
import { LAYER_ID } from '../ui/layer.ts'
import { ConnectionIndicator } from './ConnectionIndicator.tsx'
import { HostPicker } from './HostPicker.tsx'
import { Logo } from './Logo.tsx'
import { Preferences } from './Preferences.tsx'
import { UserMenu } from './UserMenu.tsx'
import { ViewTabs } from './ViewTabs.tsx'

type Props = { onSearch: () => void; onSettings: () => void; onShortcuts: () => void }

/** The bar at the top: where, what, how fresh, who. */
export function Header({ onSearch, onSettings, onShortcuts }: Props) {
  const t = useTranslations('shell')
  const packets = useTranslations('packets')
  const follow = useFollow()
  return (
    <header className="grid h-(--header-height) shrink-0 grid-cols-[1fr_auto] items-center gap-2 border-border border-b bg-surface px-3 md:grid-cols-[auto_1fr_auto] lg:grid-cols-[1fr_auto_1fr]">
      <div className="flex min-w-0 items-center gap-2">
        <Logo />
        <span className="font-semibold text-md tracking-tight max-lg:sr-only">Hopscope</span>
        <span aria-hidden className="mx-1 h-4 w-px bg-border max-sm:hidden" />
        <HostPicker />
      </div>
      <div className="justify-self-center max-md:hidden">
        <ViewTabs />
      </div>
      <div className="flex min-w-0 items-center justify-end gap-1">
        <CreateMenu />
        <IconButton icon={Route} label={packets('menu')} onClick={() => follow()} />
        <button
          type="button"
          onClick={onSearch}
          className="mx-1 flex h-8 w-56 min-w-0 shrink items-center gap-2 rounded-md border border-border bg-ground px-2 text-faint transition-colors hover:border-border-strong max-xl:hidden"
        >
          <Search size={14} aria-hidden className="shrink-0" />
          <span className="sr-only">{t('search')}</span>
          <span className="flex-1 truncate text-left">{t('searchHint')}</span>
          <Kbd>Ctrl K</Kbd>
        </button>
        <IconButton icon={Search} label={t('search')} onClick={onSearch} className="xl:hidden" />
        <ConnectionIndicator />
        <div className="flex max-md:hidden">
          <Preferences />
        </div>
        <UserMenu onSettings={onSettings} onShortcuts={onShortcuts} />
      </div>
      <div id={LAYER_ID} className="absolute" />
    </header>
  )
}
