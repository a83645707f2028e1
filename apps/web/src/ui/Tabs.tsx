import { Tabs as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cn } from './cn.ts'

type Tab = { value: string; label: string; content: ReactNode; count?: number }
type Props = { value: string; onChange: (value: string) => void; tabs: Tab[]; label: string; className?: string }

/** Tabs with an underline, arrow keys move between them. */
export function Tabs({ value, onChange, tabs, label, className }: Props) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className={cn('flex min-h-0 flex-1 flex-col', className)}>
      <Radix.List aria-label={label} className="flex shrink-0 gap-1 overflow-x-auto border-border border-b px-3">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px flex h-10 items-center gap-2 whitespace-nowrap border-transparent border-b-2 px-2 text-soft transition-colors hover:text-text focus-visible:-outline-offset-2 data-[state=active]:border-primary data-[state=active]:font-medium data-[state=active]:text-text"
          >
            {tab.label}
            {tab.count !== undefined && <span className="tabular text-faint text-xs">{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="min-h-0 flex-1 overflow-auto">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  )
}
