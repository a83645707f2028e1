import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react'
import { readSetting, writeSetting } from '../shell/settings.ts'
import { cn } from './cn.ts'

type Props = {
  /** Under which name the size is remembered on this device. */
  name: string
  /** Accessible name of the separator. */
  label: string
  /** Accessible name of the side pane, a landmark. */
  sideLabel: string
  main: ReactNode
  /** The side at the right; without it, `main` takes all. */
  side: ReactNode | null
  initial: number
  min: number
  max: number
}

const STEP = 16

/** Two panes side by side with a separator that pointer and arrow keys move. Sizes in px. */
export function SplitPane({ name, label, sideLabel, main, side, initial, min, max }: Props) {
  const [width, setWidth] = useState(() => clamp(Number(readSetting(`split.${name}`) ?? initial), min, max))
  const from = useRef<{ x: number; width: number }>(undefined)
  const keep = (w: number) => {
    setWidth(w)
    writeSetting(`split.${name}`, String(w))
  }
  const drag = (e: PointerEvent<HTMLElement>) => {
    if (from.current) setWidth(clamp(from.current.width + from.current.x - e.clientX, min, max))
  }
  const keys = (e: KeyboardEvent) => {
    const by = { ArrowLeft: STEP, ArrowRight: -STEP, Home: max, End: -max }[e.key]
    if (by === undefined) return
    e.preventDefault()
    keep(clamp(width + by, min, max))
  }
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <div className="relative min-w-0 flex-1">{main}</div>
      {side && (
        <aside aria-label={sideLabel} className="flex shrink-0">
          {/* biome-ignore lint/a11y/useSemanticElements: a separator that can be moved has no element of its own */}
          <div
            role="separator"
            aria-orientation="vertical"
            aria-label={label}
            aria-valuenow={width}
            aria-valuemin={min}
            aria-valuemax={max}
            tabIndex={0}
            onKeyDown={keys}
            onPointerDown={(e) => {
              from.current = { x: e.clientX, width }
              e.currentTarget.setPointerCapture(e.pointerId)
            }}
            onPointerMove={drag}
            onPointerUp={() => {
              from.current = undefined
              keep(width)
            }}
            className={cn(
              'group relative z-10 w-px shrink-0 cursor-col-resize touch-none bg-border',
              'before:absolute before:inset-y-0 before:-left-1 before:w-[9px] hover:bg-border-strong focus-visible:bg-focus',
            )}
          />
          <div className="min-w-0 shrink-0" style={{ width }}>
            {side}
          </div>
        </aside>
      )}
    </div>
  )
}

const clamp = (n: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, Number.isFinite(n) ? n : min))
