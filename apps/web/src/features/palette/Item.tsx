import { Command } from 'cmdk'
import type { ReactNode } from 'react'

type Props = { value: string; onSelect: (value: string) => void; children: ReactNode }

/** A line of the palette that can be chosen. */
export function Item({ value, onSelect, children }: Props) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex min-h-9 cursor-default items-center gap-3 rounded-md px-2 py-1 data-[selected=true]:bg-hover"
    >
      {children}
    </Command.Item>
  )
}
