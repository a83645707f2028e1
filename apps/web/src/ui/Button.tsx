import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'
type Props = ComponentProps<'button'> & { look?: Look; small?: boolean }

const looks: Record<Look, string> = {
  primary: 'bg-primary text-on-primary hover:bg-primary-hover shadow-1',
  plain: 'border border-border bg-surface text-text hover:bg-hover shadow-1',
  quiet: 'text-soft hover:bg-hover hover:text-text',
  danger: 'border border-border bg-surface text-danger hover:bg-danger-fill hover:text-danger-ink shadow-1',
}

/** A button with words. `type="button"` unless told otherwise, so that it never submits by accident. */
export function Button({ look = 'plain', small, className, type = 'button', ...rest }: Props) {
  return (
    <button
      type={type}
      className={cn(
        'inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-md font-medium transition-colors disabled:pointer-events-none disabled:opacity-50',
        small ? 'h-7 px-2 text-sm' : 'h-8 px-3 text-base',
        looks[look],
        className,
      )}
      {...rest}
    />
  )
}
