import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { CopyButton } from '../../../ui/index.ts'
import type { Value } from '../model/page.ts'
import { useSay } from '../useSay.ts'
import { RefLink } from './RefLink.tsx'

/** A value: literal ones can be copied, others lead to their object or say what is missing. */
export function ValueView({ value }: { value: Value }) {
  const t = useTranslations('inspector')
  const say = useSay()
  const { locale } = useLanguage()
  if ('to' in value) {
    return (
      <div className="flex min-h-7 min-w-0 items-center">
        <RefLink to={value.to} icon={value.icon} text={value.text} mono={value.mono} />
      </div>
    )
  }
  if ('unknown' in value) return <p className="py-1 text-faint italic">{t(`unknown.${value.unknown}`)}</p>
  if ('say' in value) return <p className="py-1 [overflow-wrap:anywhere]">{say(value)}</p>
  const text = 'time' in value ? timeText(value.time, locale) : value.text
  return (
    <div className="flex min-h-7 min-w-0 items-start">
      <span className="min-w-0 flex-1 py-1 font-mono text-sm leading-5 [overflow-wrap:anywhere]">{text}</span>
      <CopyButton
        text={'time' in value ? value.time : text}
        label={t('copyValue', { value: text })}
        className="opacity-0 transition-opacity focus-visible:opacity-100 group-focus-within/fact:opacity-100 group-hover/fact:opacity-100 pointer-coarse:opacity-100"
      />
    </div>
  )
}

function timeText(time: string, locale: string): string {
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) return time
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(at)
}
