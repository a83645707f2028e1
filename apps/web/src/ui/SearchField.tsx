import { Search, X } from 'lucide-react'
import { type RefObject, useId } from 'react'
import { cn } from './cn.ts'
import { IconButton } from './IconButton.tsx'
import { Kbd } from './Kbd.tsx'

type Props = {
  /** Its name, and what stands in it while it is empty unless there is a `placeholder`. */
  label: string
  placeholder?: string
  /** Name of the button that empties it. */
  clear: string
  value: string
  onChange: (value: string) => void
  input: RefObject<HTMLInputElement | null>
  className?: string
}

/** What a view is filtered by; Escape empties it, then leaves it. `useSlash` brings a person here. */
export function SearchField({ label, placeholder = label, clear, value, onChange, input, className }: Props) {
  const id = useId()
  return (
    <search className={cn('relative min-w-0', className)}>
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <Search
        size={14}
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-faint"
      />
      <input
        id={id}
        ref={input}
        value={value}
        onChange={(e) => onChange(e.target.value)}
        onKeyDown={(e) => {
          if (e.key !== 'Escape') return
          e.preventDefault()
          if (value) onChange('')
          else e.currentTarget.blur()
        }}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        className="h-8 w-full rounded-md border border-border-strong bg-surface pr-8 pl-8 placeholder:text-faint focus-visible:outline-offset-0"
      />
      <span className="absolute inset-y-0 right-1 flex items-center">
        {value ? (
          <IconButton icon={X} label={clear} small silent className="size-6" onClick={() => onChange('')} />
        ) : (
          <span aria-hidden className="mr-1 max-md:hidden">
            <Kbd>/</Kbd>
          </span>
        )}
      </span>
    </search>
  )
}
