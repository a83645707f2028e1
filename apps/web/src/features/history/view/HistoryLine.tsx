import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '../../../ui/index.ts'

type Props = {
  open: boolean
  onToggle: () => void
  /** What the button says, behind its arrow. */
  line: ReactNode
  /** What stands beside the button. */
  aside: ReactNode
  /** Of what unfolds: how far it is indented. */
  className: string
  children: ReactNode
}

/** A line of the history, and what unfolds below it. */
export function HistoryLine({ open, onToggle, line, aside, className, children }: Props) {
  return (
    <>
      <div className="flex items-start gap-2 py-1">
        <button
          type="button"
          aria-expanded={open}
          onClick={onToggle}
          className="flex min-w-0 flex-1 items-start gap-2.5 rounded-md px-1 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2"
        >
          <ChevronRight size={16} aria-hidden className={cn('mt-0.5 shrink-0 text-faint', open && 'rotate-90')} />
          {line}
        </button>
        {aside}
      </div>
      {open && <div className={cn('flex flex-col gap-3 pr-1 pb-4', className)}>{children}</div>}
    </>
  )
}
