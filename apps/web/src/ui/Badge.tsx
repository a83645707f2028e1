import type { ReactNode } from 'react'
import type { Hue } from '../theme/colours.ts'
import { cn } from './cn.ts'
import { hueClasses } from './hueClasses.ts'

/** A small mark with a word, in the colour of what it speaks of. */
export function Badge({ hue = 'stack', children, className }: { hue?: Hue; children: ReactNode; className?: string }) {
  return (
    <span
      className={cn(
        'inline-flex h-5 shrink-0 items-center gap-1 whitespace-nowrap rounded-sm px-1.5 font-medium text-xs',
        hueClasses[hue].fill,
        hueClasses[hue].ink,
        className,
      )}
    >
      {children}
    </span>
  )
}
