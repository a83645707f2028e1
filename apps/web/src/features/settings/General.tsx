import { RadioGroup } from 'radix-ui'
import { type ReactNode, useId } from 'react'
import { useTranslations } from 'use-intl'
import { LOCALES } from '../../i18n/locale.ts'
import { themeIcons } from '../../shell/Preferences.tsx'
import { useChoices } from '../../shell/useChoices.ts'
import { THEMES } from '../../theme/theme.ts'
import { cn } from '../../ui/index.ts'

/** Language and theme. */
export function General() {
  const t = useTranslations('settings')
  const shell = useTranslations('shell')
  const { locale, theme, chooseLocale, chooseTheme } = useChoices()
  return (
    <div className="flex flex-col gap-6 p-5">
      <Choice
        label={t('general.language')}
        hint={t('general.languageHint')}
        value={locale}
        onChange={chooseLocale}
        options={LOCALES.map((value) => ({ value, label: shell(`language.${value}`), lang: value }))}
      />
      <Choice
        label={t('general.theme')}
        hint={t('general.themeHint')}
        value={theme}
        onChange={chooseTheme}
        options={THEMES.map((value) => {
          const Icon = themeIcons[value]
          return { value, label: shell(`theme.${value}`), icon: <Icon size={16} strokeWidth={1.75} aria-hidden /> }
        })}
      />
    </div>
  )
}

type ChoiceProps<T extends string> = {
  label: string
  hint: string
  value: T
  onChange: (value: T) => void
  options: { value: T; label: string; icon?: ReactNode; lang?: string }[]
}

function Choice<T extends string>({ label, hint, value, onChange, options }: ChoiceProps<T>) {
  const id = useId()
  return (
    <section className="flex flex-col gap-2">
      <div>
        <h3 id={id} className="font-medium">
          {label}
        </h3>
        <p className="text-faint text-sm">{hint}</p>
      </div>
      {/* Radix hands back one of the values given to the items below. */}
      <RadioGroup.Root
        aria-labelledby={id}
        value={value}
        onValueChange={(v) => onChange(v as T)}
        className="grid auto-cols-fr grid-flow-col gap-2"
      >
        {options.map((o) => (
          <RadioGroup.Item
            key={o.value}
            value={o.value}
            lang={o.lang}
            className={cn(
              'flex h-11 items-center justify-center gap-2 rounded-lg border transition-colors',
              o.value === value
                ? 'border-primary font-medium ring-1 ring-primary'
                : 'border-border text-soft hover:border-border-strong hover:text-text',
            )}
          >
            {o.icon}
            {o.label}
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </section>
  )
}
