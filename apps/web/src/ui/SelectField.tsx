import { ChevronDown } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { cn } from './cn.ts'

type Props = {
  label: ReactNode
  value: string
  onChange: (value: string) => void
  options: readonly { value: string; text: string }[]
  /** What stands there while nothing is chosen; then it can be chosen again, to choose nothing. */
  nothing?: string
  hint?: ReactNode
  error?: string
  disabled?: boolean
  required?: boolean
}

/** A labelled choice, laid out as Field. The browser's own list: any length, every keyboard, every phone. */
export function SelectField({ label, value, onChange, options, nothing, hint, error, disabled, required }: Props) {
  const id = useId()
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <div className="relative">
        <select
          id={id}
          value={value}
          disabled={disabled}
          required={required}
          onChange={(e) => onChange(e.target.value)}
          aria-invalid={error ? true : undefined}
          aria-describedby={hint || error ? `${id}-hint` : undefined}
          className={cn(
            'h-9 w-full appearance-none truncate rounded-md border border-border-strong bg-surface pr-9 pl-3 text-text focus-visible:outline-offset-0 disabled:opacity-60 aria-invalid:border-danger',
            value === '' && 'text-faint',
          )}
        >
          {nothing !== undefined && <option value="">{nothing}</option>}
          {options.map((o) => (
            <option key={o.value} value={o.value} className="text-text">
              {o.text}
            </option>
          ))}
        </select>
        <ChevronDown size={14} aria-hidden className="pointer-events-none absolute top-3 right-3 text-faint" />
      </div>
      {(hint || error) && (
        <div id={`${id}-hint`} className={cn('min-h-4 text-sm', error ? 'text-danger' : 'text-faint')}>
          {error ?? hint}
        </div>
      )}
    </div>
  )
}
