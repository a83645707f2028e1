import type { Basis, Hop } from '@hopscope/model'
import { hopByHand, listChain, sayChainName, sayHop } from '@hopscope/path'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { CommandLine, cn } from '../../../ui/index.ts'
import type { Telling } from '../model/telling.ts'
import type { Step } from '../model/walk.ts'
import { Addresses } from './Addresses.tsx'
import { ChainRules } from './ChainRules.tsx'
import { hopIcon } from './hopIcon.ts'

type Props = {
  step: Step
  telling: Telling
  isCurrent: boolean
  /** Hops of this way rest on different things: each says on which. */
  isMixed: boolean
  onChoose: () => void
  children?: ReactNode
}

const RAILS: Record<Basis, string> = {
  observed: 'border-solid border-border-strong',
  inferred: 'border-dashed border-border-strong',
  predicted: 'border-dotted border-border-strong',
}

/** One hop in words; the one that is looked at stands open. */
export function HopItem({ step, telling, isCurrent, isMixed, onChoose, children }: Props) {
  const t = useTranslations('packets')
  const { locale } = useLanguage()
  const { hop, at, before } = step
  const { snapshot, hostId } = telling
  const line = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isCurrent) line.current?.scrollIntoView({ block: 'nearest' })
  }, [isCurrent])
  const Icon = hopIcon[hop.kind]
  const chain = useMemo(
    () => (isCurrent && hop.kind === 'chain' ? listChain(hop, before, snapshot) : undefined),
    [isCurrent, hop, before, snapshot],
  )
  // What stands in the listing below is not said twice. A recording may have no rules to list.
  const isListed = chain !== undefined && chain.rules.length > 0 && hop.kind === 'chain'
  const command = hopByHand(hop, telling.namer)
  return (
    <li
      ref={line}
      data-hop={at}
      data-kind={hop.kind}
      data-basis={hop.basis}
      aria-current={isCurrent ? 'step' : undefined}
      className={cn('relative scroll-mt-9 scroll-mb-3', isCurrent && 'bg-selection-fill')}
    >
      <span aria-hidden className={cn('absolute top-0 bottom-0 left-[25px] border-l-2', RAILS[hop.basis])} />
      <button
        type="button"
        onClick={onChoose}
        className="relative flex w-full items-start gap-3 px-4 py-1.5 text-left hover:bg-hover focus-visible:-outline-offset-2"
      >
        <span
          aria-hidden
          className={cn(
            'mt-px flex size-5 shrink-0 items-center justify-center rounded-full border bg-surface',
            isCurrent ? 'border-selection text-selection' : 'border-border text-faint',
          )}
        >
          <Icon size={11} strokeWidth={2} />
        </span>
        <span className={cn('min-w-0 flex-1 [overflow-wrap:anywhere]', isCurrent ? 'text-text' : 'text-soft')}>
          {isListed ? sayChainName(hop, locale) : sayHop(isCurrent ? hop : inShort(hop), locale, telling.namer)}
          {isMixed && <span className="ml-2 font-normal text-faint text-sm">({t(`basis.${hop.basis}`)})</span>}
        </span>
        <span aria-hidden className="tabular shrink-0 pt-0.5 text-faint text-xs">
          {at + 1}
        </span>
      </button>
      {(isCurrent || children) && (
        <div className="relative flex min-w-0 flex-col gap-2 pr-4 pb-2.5 pl-12 empty:hidden">
          {children}
          {isCurrent && (
            <>
              <Addresses step={step} />
              {isListed && <ChainRules hop={hop} chain={chain} hostId={hostId} />}
              {command !== undefined && <CommandLine command={command} wrap className="bg-surface" />}
            </>
          )}
        </div>
      )}
    </li>
  )
}

/** Of a chain only the rule that matched last: all of them are in its listing. */
const inShort = (hop: Hop): Hop => (hop.kind === 'chain' ? { ...hop, hits: hop.hits.slice(-1) } : hop)
