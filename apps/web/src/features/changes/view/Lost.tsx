import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { told } from '../model/words.ts'

type Props = {
  lost: readonly Parameters<typeof told>[0][]
  /** Nothing of it can be undone. */
  final: boolean | undefined
}

/** What undo will not bring back, or that there is no undo. */
export function Lost({ lost, final }: Props) {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  const lines = [...new Set(lost.map((one) => told(one, locale)))]
  if (lines.length === 0 && !final) return null
  return (
    <div className="rounded-md bg-warn-fill px-3 py-2 text-warn-ink">
      <h3 className="font-medium">{final ? t('final') : t('preview.lost')}</h3>
      {lines.length > 0 && (
        <ul className="list-disc pl-4">
          {lines.map((line) => (
            <li key={line} className="[overflow-wrap:anywhere]">
              {line}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
