import { visible } from '@hopscope/model'
import { PATH_WORDS, type Prediction } from '@hopscope/path'
import { TRACE_WORDS } from '@hopscope/trace'
import { Send } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../../api/useErrorText.ts'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useSession } from '../../../shell/session.ts'
import { Button } from '../../../ui/index.ts'
import { Because } from '../../changes/view/Because.tsx'
import type { Telling } from '../model/telling.ts'
import { ProofWays } from './ProofWays.tsx'
import { isAbout, type Proving, probeOf } from './proving.ts'

type Props = { prediction: Prediction; telling: Telling; proving: Proving }

/** Sends the packet that was asked about, once somebody wants that, and shows what became of it beside the prediction. */
export function ProveIt({ prediction, telling, proving }: Props) {
  const t = useTranslations('tracing')
  const { locale } = useLanguage()
  const errorText = useErrorText()
  const isViewer = useSession()?.user.role === 'viewer'
  const { hostId, snapshot, namer } = telling
  const { prove, answer, error, isPending } = proving
  const probe = useMemo(() => probeOf(prediction, snapshot), [prediction, snapshot])
  if (probe === undefined) return null
  const { query, to } = probe
  const from = namer.place(probe.netns, PATH_WORDS[locale]).trim()
  const port = String(query.port ?? '')
  const isCurrent = isAbout(proving, query)
  const shown = isCurrent && !isPending ? answer : undefined
  return (
    <section aria-label={t('proof.title')} className="flex flex-col gap-2 px-4">
      <p className="text-soft text-sm">
        {t(`proof.will.${query.protocol}`, { from: visible(from), to: visible(to), port })}
      </p>
      <Button
        small
        className="self-start aria-disabled:opacity-50"
        aria-disabled={isViewer || isPending}
        onClick={() => !isViewer && !isPending && prove(hostId, query)}
      >
        <Send size={13} aria-hidden />
        {t(isPending ? 'proof.proving' : shown ? 'proof.again' : 'proof.prove')}
      </Button>
      {isViewer && <p className="text-soft text-sm">{t('mayNot')}</p>}
      {isCurrent && error && (
        <p role="alert" className="text-danger">
          {errorText(error)}
        </p>
      )}
      {shown?.kind === 'denied' && <Because reason={shown.reason} />}
      {shown?.kind === 'unprovable' && (
        <p role="alert" className="text-warn">
          {TRACE_WORDS[locale].unprovable[shown.because]}
        </p>
      )}
      {shown?.kind === 'proof' && <ProofWays proof={shown.proof} telling={telling} />}
    </section>
  )
}
