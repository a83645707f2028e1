import { memo, useId } from 'react'
import { cn } from '../../../../ui/index.ts'
import { type Fate, isLacking, packetsIn, type Slot } from '../model/timeline.ts'

/** From the bottom of a bar to its top. */
const FATES = ['arrived', 'unclear', 'lost'] as const satisfies Fate[]
/** Pixels of the highest bar, and of one packet among many: it must be seen. The rest is for the signs above. */
const [HIGHEST, LEAST, HEIGHT] = [32, 3, 43]
/** Of a slot's width. */
const FILLED = 0.84

type Props = {
  slots: readonly Slot[]
  /** The first and the last slot that count; all when there are none. */
  within: readonly [number, number] | undefined
}

/** A bar for each slot: what arrived is solid, what did not is hatched, and a sign stands where something is missing. */
export function Bars({ slots, within }: Props) {
  const hatch = useId()
  const most = Math.max(1, ...slots.map(packetsIn))
  const height = (count: number) => (count === 0 ? 0 : Math.max(LEAST, Math.round((count / most) * HIGHEST)))
  const unit = 100 / slots.length
  return (
    <svg width="100%" height={HEIGHT} aria-hidden="true" className="absolute inset-x-0 bottom-0">
      <Hatch id={hatch} />
      {slots.map((slot, i) => (
        <Bar
          // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its place
          key={i}
          x={(i + (1 - FILLED) / 2) * unit}
          width={FILLED * unit}
          arrived={height(slot.arrived)}
          unclear={height(slot.unclear)}
          lost={height(slot.lost)}
          isLacking={isLacking(slot)}
          isFaded={within !== undefined && (i < within[0] || i > within[1])}
          hatch={hatch}
        />
      ))}
    </svg>
  )
}

/** The pattern of what did not arrive. */
export const Hatch = ({ id }: { id: string }) => (
  <pattern id={id} patternUnits="userSpaceOnUse" width="4" height="4" patternTransform="rotate(45)">
    <rect width="4" height="4" className="fill-danger-fill" />
    <rect width="2" height="4" className="fill-danger" />
  </pattern>
)

/** The sign of something missing, above a bar or beside its words; its middle is at 0. */
export const MissingSign = () => <polygon points="-4,0 4,0 0,7" className="fill-warn" />

/** How each fate is painted. */
export const paintOf = (fate: Fate, hatch: string) => {
  switch (fate) {
    case 'arrived':
      return { className: 'fill-ok' }
    case 'unclear':
      return { className: 'fill-warn-fill stroke-warn' }
    case 'lost':
      return { className: 'stroke-danger', fill: `url(#${hatch})` }
  }
}

type BarProps = Record<Fate, number> & {
  x: number
  width: number
  isLacking: boolean
  isFaded: boolean
  hatch: string
}

/** Its numbers alone decide: while packets come, most bars stay as they are. */
const Bar = memo(function Bar({ x, width, isLacking, isFaded, hatch, ...heights }: BarProps) {
  let top = HEIGHT
  return (
    <g className={cn(isFaded && 'opacity-40')}>
      {FATES.map((fate) => {
        const height = heights[fate]
        top -= height
        const place = { x: `${x}%`, y: top, width: `${width}%`, height }
        return height > 0 && <rect key={fate} {...place} {...paintOf(fate, hatch)} />
      })}
      {isLacking && (
        <svg x={`${x + width / 2}%`} y={Math.max(0, top - 9)} className="overflow-visible" aria-hidden="true">
          <MissingSign />
        </svg>
      )}
    </g>
  )
})
