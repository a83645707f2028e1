import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

type Props = { icon: LucideIcon; title: string; children?: ReactNode }

/** What stands where there is nothing yet: says why, and what to do next. */
export function EmptyState({ icon: Icon, title, children }: Props) {
  return (
    <div className="flex h-full min-h-60 flex-col items-center justify-center overflow-y-auto p-6">
      <div className="fade flex w-full max-w-120 flex-col items-center gap-3 text-center">
        <span className="flex size-12 items-center justify-center rounded-xl border border-border bg-surface text-faint shadow-1">
          <Icon size={24} strokeWidth={1.5} aria-hidden />
        </span>
        <h2 className="font-semibold text-md">{title}</h2>
        {children}
      </div>
    </div>
  )
}
