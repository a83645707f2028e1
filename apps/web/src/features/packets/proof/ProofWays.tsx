import type { Hop } from '@hopscope/model'
import { PATH_WORDS, sayHop, sayOutcome } from '@hopscope/path'
import type { ToldProof } from '@hopscope/protocol'
import { type ComparedRow, sayAsked, saySummary } from '@hopscope/trace'
import { CircleCheck, Diff, Equal, Minus, Plus } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { cn } from '../../../ui/index.ts'
import type { Telling } from '../model/telling.ts'
import { isEqual, type ProvenWay, provenWays } from './proving.ts'

/** What was predicted and what was seen, hop by hop; where they differ first is marked, with both sides. */
export function ProofWays({ proof, telling }: { proof: ToldProof; telling: Telling }) {
  const t = useTranslations('tracing')
  const { locale: language } = useLanguage()
  const ways = provenWays(proof)
  const equal = proof.refused === undefined && ways.every(isEqual)
  const Icon = equal ? CircleCheck : Diff
  const [, ...lost] = saySummary(proof.summary, { language, namer: telling.namer })
  return (
    <div className="flex flex-col gap-3" data-proof={equal ? 'equal' : 'different'}>
      <p
        role="status"
        className={cn(
          'flex items-start gap-2.5 rounded-lg border px-3 py-2.5 font-medium',
          equal ? 'border-ok bg-ok-fill text-ok-ink' : 'border-warn bg-warn-fill text-warn-ink',
        )}
      >
        <Icon size={18} aria-hidden className="mt-0.5 shrink-0" />
        {t(equal ? 'proof.equal' : 'proof.differs')}
      </p>
      {proof.refused !== undefined && <p className="text-warn">{t('proof.refused', { code: proof.refused })}</p>}
      {proof.asked && <p>{sayAsked(proof.asked, { language, namer: telling.namer })}</p>}
      {ways.map((way) => (
        <Compared key={way.name} way={way} telling={telling} />
      ))}
      {lost.map((text) => (
        <p key={text} className="text-warn">
          {text}
        </p>
      ))}
    </div>
  )
}

function Compared({ way, telling: { namer } }: { way: ProvenWay; telling: Telling }) {
  const t = useTranslations('tracing')
  const { locale } = useLanguage()
  const title = PATH_WORDS[locale].ways[way.name]
  const { comparison, proof } = way
  if (!comparison || !proof) {
    return (
      <section aria-label={title}>
        <h3 className="font-semibold">{title}</h3>
        <p className="text-warn">{t('proof.unseen')}</p>
      </section>
    )
  }
  const { rows, first, sameVerdict } = comparison
  const say = (hop: Hop | undefined) => (hop ? sayHop(hop, locale, namer) : t('proof.nothing'))
  // Both sides of the place: what was predicted from there on, and what was seen instead.
  const rest = rows.slice(first)
  const side = (name: keyof ComparedRow) => rest.find((row) => row[name])?.[name]
  const ended = (one: 'predicted' | 'observed') =>
    sayOutcome(one === 'predicted' ? proof.predicted.outcome : proof.story.way.outcome, locale, namer)
  return (
    <section aria-label={title} className="flex flex-col gap-1">
      <h3 className="font-semibold">{title}</h3>
      <ol className="flex flex-col">
        {rows.map((row, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows of one comparison never change
          <li key={i} className="flex flex-col">
            {i === first && (
              <div
                data-difference
                className="my-1 rounded-md border border-warn bg-warn-fill px-2.5 py-2 text-warn-ink"
              >
                <p className="font-medium">{t('proof.first')}</p>
                <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-sm">
                  {(['predicted', 'observed'] as const).map((name) => (
                    <div key={name} className="contents">
                      <dt>{t(`proof.${name}`)}</dt>
                      <dd className="min-w-0 [overflow-wrap:anywhere]">{say(side(name))}</dd>
                    </div>
                  ))}
                </dl>
              </div>
            )}
            <Row row={row} text={say(row.observed ?? row.predicted)} />
          </li>
        ))}
      </ol>
      <p className="text-soft [overflow-wrap:anywhere]">{ended('observed')}</p>
      {first === undefined && !sameVerdict && (
        <p data-difference className="text-warn">
          {t('proof.otherEnd', { predicted: ended('predicted'), observed: ended('observed') })}
        </p>
      )}
    </section>
  )
}

function Row({ row: { predicted, observed }, text }: { row: ComparedRow; text: string }) {
  const t = useTranslations('tracing')
  const kind = predicted && observed ? 'both' : predicted ? 'onlyPredicted' : 'onlyObserved'
  const Icon = ICONS[kind]
  return (
    <span
      data-row={kind}
      className={cn('flex items-start gap-2 py-1 text-sm', kind === 'both' ? 'text-soft' : 'text-warn')}
    >
      <Icon size={13} aria-label={t(`proof.${kind}`)} className="mt-0.5 shrink-0" />
      <span className="min-w-0 [overflow-wrap:anywhere]">{text}</span>
    </span>
  )
}

const ICONS = { both: Equal, onlyPredicted: Minus, onlyObserved: Plus }
