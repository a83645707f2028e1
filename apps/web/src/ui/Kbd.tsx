import type { ReactNode } from 'react'
import { cn } from './cn.ts'

/** A key of the keyboard. */
export function Kbd({ children, inverted }: { children: ReactNode; inverted?: boolean }) {
  return (
    <kbd
      className={cn(
        'inline-flex h-5 min-w-5 items-center justify-center rounded-sm border px-1 font-sans text-xs',
        inverted ? 'border-current/30 text-current' : 'border-border bg-sunken text-soft',
      )}
    >
      {children}
    </kbd>
  )
}
