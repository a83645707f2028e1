import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Hue } from '../theme/colours.ts'
import { cn, hueClasses } from '../ui/index.ts'

type Props = { icon: LucideIcon; hue: Hue; children: ReactNode; action?: ReactNode }

/** A line above the view that stays until its reason is gone. */
export function Banner({ icon: Icon, hue, children, action }: Props) {
  return (
    <div
      role="status"
      className={cn(
        'flex min-h-9 shrink-0 items-center gap-2 border-border border-b px-4 py-1.5',
        hueClasses[hue].fill,
        hueClasses[hue].ink,
      )}
    >
      <Icon size={16} aria-hidden className="shrink-0" />
      <p className="min-w-0 flex-1">{children}</p>
      {action}
    </div>
  )
}
