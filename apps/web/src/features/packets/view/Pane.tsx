import { X } from 'lucide-react'
import { type ReactNode, type RefObject, useEffect } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from '../../../ui/index.ts'
import type { OpenPackets } from '../location.ts'
import { stepBy } from '../model/walk.ts'
import { takeStarted, useAskedFor } from '../useFollow.ts'
import { useStepKeys } from '../useStepKeys.ts'
import { Mode } from './Mode.tsx'
import { Stepper } from './Stepper.tsx'

type Props = {
  packets: OpenPackets
  title: string
  /** Beside the title. */
  menu?: ReactNode
  /** What scrolls; it has the focus of whoever comes by keyboard, unless `first` waits to be filled in. */
  body: RefObject<HTMLDivElement | null>
  first?: RefObject<HTMLInputElement | null>
  /** Which of how many hops is looked at, and how to go to another one; by keys as well where the buttons are not shown. */
  steps: { at: number | undefined; count: number; step: (at: number) => void; hasButtons: boolean }
  onClose: () => void
  children: ReactNode
}

/** The frame of what stands beside the map about packets, predicted or watched. */
export function Pane({ packets, title, menu, body, first, steps, onClose, children }: Props) {
  const t = useTranslations('packets')
  const { at, count, step, hasButtons } = steps
  useAskedFor()
  useEffect(() => {
    if (!takeStarted()) return
    if (first?.current?.value === '') first.current.focus()
    else body.current?.focus()
  })
  const onKeyDown = useStepKeys((key) => {
    const next = stepBy(key, at, count)
    if (next !== undefined) step(next)
    return next !== undefined
  })
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its keys are those of the buttons in it
    <div onKeyDown={onKeyDown} className="flex h-full min-h-0 flex-col bg-surface">
      {/* A sheet has little height: there the choice stands in the place of the title. */}
      <header className="flex shrink-0 flex-wrap items-center border-border border-b">
        <h2 className="min-w-0 flex-1 py-3 pl-4 font-semibold text-md max-md:sr-only">{title}</h2>
        <div className="flex items-center gap-2 pr-2">
          {menu}
          <IconButton
            icon={X}
            label={t('close')}
            silent
            onClick={() => {
              onClose()
              document.getElementById('main')?.focus()
            }}
          />
        </div>
        <Mode packets={packets} className="w-full px-3 max-md:order-first max-md:w-auto max-md:flex-1" />
      </header>
      <div
        ref={body}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto py-4 max-md:gap-2 max-md:py-2 focus-visible:-outline-offset-2"
      >
        {children}
      </div>
      {hasButtons && (
        <footer className="shrink-0 border-border border-t bg-raised px-3 py-2">
          <Stepper at={at} count={count} onStep={step} />
        </footer>
      )}
    </div>
  )
}
