import type { LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cn } from './cn.ts'
import { Tooltip } from './Tooltip.tsx'

type Props = Omit<ComponentProps<'button'>, 'children'> & {
  icon: LucideIcon
  /** Its accessible name, also shown as a tooltip. */
  label: string
  small?: boolean
  /** Without a tooltip, for example inside a menu trigger that opens at once. */
  silent?: boolean
}

/** A square button with an icon only. */
export function IconButton({ icon: Icon, label, small, silent, className, type = 'button', ...rest }: Props) {
  const button = (
    <button
      type={type}
      aria-label={label}
      className={cn(
        'inline-flex shrink-0 items-center justify-center rounded-md text-soft transition-colors hover:bg-hover hover:text-text disabled:pointer-events-none disabled:opacity-50 aria-pressed:bg-active aria-pressed:text-text data-[state=open]:bg-hover',
        small ? 'size-7' : 'size-8',
        className,
      )}
      {...rest}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden />
    </button>
  )
  return silent ? button : <Tooltip text={label}>{button}</Tooltip>
}
