import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react'
import { readSetting, writeSetting } from '../shell/settings.ts'

type Size = { value: number; min: number; max: number; set: (value: number) => void; keep: (value: number) => void }
type SizeOf = {
  /** Under which name the size is remembered on this device. */
  name: string
  initial: number
  min: number
  max: number
}

/** A size that a person can change; `keep` remembers it, `set` does not. */
export function useKeptSize({ name, initial, min, max }: SizeOf): Size {
  const clamp = (n: number) => Math.min(max, Math.max(min, Number.isFinite(n) ? n : min))
  const [value, setValue] = useState(() => clamp(Number(readSetting(name) ?? initial)))
  const set = (next: number) => setValue(clamp(next))
  const keep = (next: number) => {
    set(next)
    writeSetting(name, String(clamp(next)))
  }
  return { value, min, max, set, keep }
}

type Props = {
  label: string
  /** Of what lies at the right of it, or below. */
  size: Size
  direction: 'vertical' | 'horizontal'
  /** How much of the size one press of an arrow key is. */
  step: number
  /** How much of the size one CSS pixel is now. */
  perPixel?: () => number
  className: string
  children?: ReactNode
}

/** What stands between two areas; pointer and arrow keys move it. */
export function Separator({ label, size, direction, step, perPixel = () => 1, className, children }: Props) {
  const from = useRef<{ at: number; value: number }>(undefined)
  const isVertical = direction === 'vertical'
  const at = (e: PointerEvent) => (isVertical ? e.clientX : e.clientY)
  const [grow, shrink] = isVertical ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
  const keys = (e: KeyboardEvent) => {
    const by = { [grow]: step, [shrink]: -step, Home: size.max, End: -size.max }[e.key]
    if (by === undefined) return
    e.preventDefault()
    size.keep(size.value + by)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved has no element of its own
    <div
      role="separator"
      aria-orientation={direction}
      aria-label={label}
      aria-valuenow={Math.round(size.value)}
      aria-valuemin={size.min}
      aria-valuemax={size.max}
      tabIndex={0}
      onKeyDown={keys}
      onPointerDown={(e) => {
        from.current = { at: at(e), value: size.value }
        e.currentTarget.setPointerCapture(e.pointerId)
      }}
      onPointerMove={(e) => {
        if (from.current) size.set(from.current.value + (from.current.at - at(e)) * perPixel())
      }}
      onPointerUp={() => {
        from.current = undefined
        size.keep(size.value)
      }}
      className={className}
    >
      {children}
    </div>
  )
}
