import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { Field } from '../../../ui/index.ts'
import { told } from '../model/words.ts'
import type { Changing } from '../useChange.ts'

/** Whom it may cut off, and after which time it is then undone by itself. */
export function Risks({ form, final }: { form: Changing; final: true | undefined }) {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  const { risks, time, setTime, isTimeWrong } = form
  if (risks.length === 0) return null
  return (
    <div className="flex shrink-0 flex-col gap-2 rounded-md bg-danger-fill px-3 py-2 text-danger-ink">
      <div>
        <h3 className="font-medium">{t('preview.risk')}</h3>
        <ul className="list-disc pl-4 [overflow-wrap:anywhere]">
          {risks.map((risk) => (
            <li key={`${risk.code} ${risk.params.address}`}>{told(risk, locale)}</li>
          ))}
        </ul>
        <p>{final ? t('preview.riskFinal') : t('preview.riskReverts')}</p>
      </div>
      {!final && (
        <Field
          label={t('preview.time')}
          value={time}
          onChange={(e) => setTime(e.target.value)}
          inputMode="numeric"
          autoComplete="off"
          className="rounded-md bg-raised p-2 text-text"
          {...(isTimeWrong ? { error: t('preview.timeWrong') } : { hint: t('preview.timeHint') })}
        />
      )}
    </div>
  )
}
