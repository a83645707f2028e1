import { X } from 'lucide-react'
import { useId, useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from '../../../../ui/index.ts'
import type { Recording } from '../model/recording.ts'
import {
  type Axis,
  isLacking,
  type Listed,
  packetsIn,
  type Slot,
  type Span,
  slotsIn,
  slotsOf,
  ticksOf,
} from '../model/timeline.ts'
import { digitsFor, timeOfDay } from '../model/timeOfDay.ts'
import { Bars } from './Bars.tsx'
import { TimelineKey } from './TimelineKey.tsx'
import { useBrush } from './useBrush.ts'

type Props = {
  axis: Axis
  recording: Pick<Recording, 'stories' | 'gaps'>
  /** The packets that the other filters leave. */
  meant: readonly Listed[]
  /** How many of these are within the span. */
  shown: number
  /** The place of the packet that is looked at. */
  chosen: number | undefined
  span: Span | undefined
  onSpan: (span: Span | undefined) => void
  onChoose: (index: number) => void
}

const MOST_TICKS = 6
/** How far along the axis there is room for words beside a tick. */
const LABELLED = 0.88

/** When packets were seen, a bar for each slot of time. A stretch of it restricts the list: pulled with the pointer, or by the arrow keys. */
export function Timeline({ axis, recording, meant, shown, chosen, span, onSpan, onChoose }: Props) {
  const t = useTranslations('tracing.timeline')
  const duration = useDuration()
  const slotText = useSlotText()
  const summary = useId()
  const { stories, gaps } = recording
  const slots = useMemo(() => slotsOf(axis, meant, gaps), [axis, meant, gaps])
  const [hovered, setHovered] = useState<number>()
  const brush = useBrush({ axis, slots, span, onSpan, onChoose, onHover: setHovered })
  const length = axis.width * axis.count
  const place = (at: number) => `${((at - axis.start) / length) * 100}%`
  const [first, last] = span ? slotsIn(axis, span) : []
  const chosenAt = chosen === undefined ? undefined : stories[chosen]?.at
  const pointed = hovered === undefined ? undefined : slots[hovered]
  const ends = span && { from: timeOfDay(span.from, digitsOf(axis)), to: timeOfDay(span.to, digitsOf(axis)) }
  const restricted = ends && t('span', { ...ends, shown, all: stories.length })
  return (
    <div className="flex flex-col px-4">
      <div
        {...brush}
        role="slider"
        tabIndex={0}
        aria-label={t('label')}
        aria-describedby={summary}
        aria-valuemin={0}
        aria-valuemax={axis.count - 1}
        aria-valuenow={first ?? 0}
        aria-valuetext={restricted ?? t('whole', { count: stories.length })}
        className="relative h-11 cursor-crosshair touch-pan-y select-none border-border-strong border-b"
      >
        {span && (
          <div
            aria-hidden
            className="absolute inset-y-0 border-selection border-x-2 bg-selection-fill"
            style={{ left: place(span.from), right: `calc(100% - ${place(span.to)})` }}
          />
        )}
        <Bars slots={slots} within={first === undefined || last === undefined ? undefined : [first, last]} />
        {chosenAt !== undefined && (
          <div aria-hidden className="absolute inset-y-0 w-px bg-text" style={{ left: place(chosenAt) }}>
            <div className="absolute -bottom-1 -left-[3.5px] size-2 rounded-full bg-text" />
          </div>
        )}
      </div>
      <div aria-hidden title={t('clock')} className="tabular relative h-5 text-faint text-xs">
        {ticksOf(axis, MOST_TICKS).map((tick) => (
          <span
            key={tick}
            className="absolute top-0 h-full whitespace-nowrap border-border-strong border-l pt-1 pl-1 leading-4"
            style={{ left: place(axis.start + tick) }}
          >
            {tick < length * LABELLED && duration(tick, length)}
          </span>
        ))}
      </div>
      <div className="flex min-h-7 items-center gap-2 text-sm">
        {restricted === undefined ? (
          <>
            {hovered !== undefined && pointed && hasNews(pointed) ? (
              <span aria-hidden className="tabular min-w-0 flex-1 truncate text-soft">
                {slotText(axis, hovered, pointed)}
              </span>
            ) : (
              <TimelineKey slots={slots} />
            )}
            <span className="tabular shrink-0 text-faint">{t('of', { shown, all: stories.length })}</span>
          </>
        ) : (
          <>
            <span className="tabular min-w-0 flex-1 text-soft">{restricted}</span>
            <IconButton icon={X} label={t('clear')} small onClick={() => onSpan(undefined)} />
          </>
        )}
      </div>
      <p id={summary} className="sr-only">
        {t('summary', {
          count: meant.length,
          lost: slots.reduce((sum, { lost }) => sum + lost, 0),
          start: timeOfDay(axis.start),
          slot: duration(axis.width),
        })}{' '}
        {slots.some(isLacking) && t('lacking')} {t('clock')}
      </p>
    </div>
  )
}

const hasNews = (slot: Slot): boolean => packetsIn(slot) > 0 || isLacking(slot)
const digitsOf = ({ width }: Axis): number => Math.max(1, digitsFor(width))

/** A length of time in words, in the unit of another one that it stands beside. */
function useDuration(): (ms: number, beside?: number) => string {
  const t = useTranslations('tracing.timeline')
  return (ms, beside = ms) => (beside < 1000 ? t('milliseconds', { n: ms }) : t('seconds', { n: ms / 1000 }))
}

/** What is in a slot, in words. */
function useSlotText(): (axis: Axis, at: number, slot: Slot) => string {
  const t = useTranslations('tracing.timeline')
  return (axis, at, { arrived, lost, unclear, partial, missing }) => {
    const counted = { arrived, lost, unclear, partial, ...missing }
    const parts = COUNTED.flatMap((what) => (counted[what] > 0 ? [t(`in.${what}`, { count: counted[what] })] : []))
    return t('slot', { time: timeOfDay(axis.start + at * axis.width, digitsOf(axis)), what: parts.join(t('comma')) })
  }
}

const COUNTED = ['arrived', 'lost', 'unclear', 'partial', 'unsent', 'overruns', 'leftOut'] as const
