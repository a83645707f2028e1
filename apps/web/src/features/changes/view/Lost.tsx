import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { told } from '../model/words.ts'

type Props = { lost: readonly Parameters<typeof told>[0][] }

/** What undo will not bring back. */
export function Lost({ lost }: Props) {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  if (lost.length === 0) return null
  const lines = [...new Set(lost.map((one) => told(one, locale)))]
  return (
    <div className="rounded-md bg-warn-fill px-3 py-2 text-warn-ink">
      <h3 className="font-medium">{t('preview.lost')}</h3>
      <ul className="list-disc pl-4">
        {lines.map((line) => (
          <li key={line} className="[overflow-wrap:anywhere]">
            {line}
          </li>
        ))}
      </ul>
    </div>
  )
}
