import type { ReactNode } from 'react'
import { Separator, useKeptSize } from './Separator.tsx'

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

/** Two panes side by side with a separator that pointer and arrow keys move. Sizes in px. */
export function SplitPane({ name, label, sideLabel, main, side, initial, min, max }: Props) {
  const size = useKeptSize({ name: `split.${name}`, initial, min, max })
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <div className="relative min-w-0 flex-1">{main}</div>
      {side && (
        <aside aria-label={sideLabel} className="flex shrink-0">
          <Separator
            label={label}
            size={size}
            direction="vertical"
            step={16}
            className="group relative z-10 w-px shrink-0 cursor-col-resize touch-none bg-border before:absolute before:inset-y-0 before:-left-1 before:w-[9px] hover:bg-border-strong focus-visible:bg-focus"
          />
          <div className="min-w-0 shrink-0" style={{ width: size.value }}>
            {side}
          </div>
        </aside>
      )}
    </div>
  )
}
