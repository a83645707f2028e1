import { Languages, Monitor, Moon, Sun } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { LOCALES } from '../i18n/locale.ts'
import { THEMES, type Theme } from '../theme/theme.ts'
import { IconButton, Menu, MenuChoice } from '../ui/index.ts'
import { useChoices } from './useChoices.ts'

export const themeIcons: Record<Theme, typeof Sun> = { light: Sun, dark: Moon, system: Monitor }

/** The group of menu items that choose the language. */
export function LanguageChoice() {
  const t = useTranslations('shell')
  const { locale, chooseLocale } = useChoices()
  const options = LOCALES.map((l) => ({ value: l, label: t(`language.${l}`), lang: l }))
  return <MenuChoice label={t('language.label')} value={locale} onChange={chooseLocale} options={options} />
}

/** The group of menu items that choose the theme. */
export function ThemeChoice() {
  const t = useTranslations('shell')
  const { theme, chooseTheme } = useChoices()
  const options = THEMES.map((value) => {
    const Icon = themeIcons[value]
    return { value, label: t(`theme.${value}`), icon: <Icon size={14} aria-hidden className="text-faint" /> }
  })
  return <MenuChoice label={t('theme.label')} value={theme} onChange={chooseTheme} options={options} />
}

/** Language and theme as two icon buttons with a menu each. */
export function Preferences() {
  const t = useTranslations('shell')
  const { theme } = useChoices()
  return (
    <>
      <Menu trigger={<IconButton icon={Languages} label={t('language.label')} silent />}>
        <LanguageChoice />
      </Menu>
      <Menu trigger={<IconButton icon={themeIcons[theme]} label={t('theme.label')} silent />}>
        <ThemeChoice />
      </Menu>
    </>
  )
}
