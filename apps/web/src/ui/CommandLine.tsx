import { useTranslations } from 'use-intl'
import { CopyButton } from './CopyButton.tsx'
import { cn } from './cn.ts'

type Props = {
  command: string
  /** Shows all of a long one, on several lines. */
  wrap?: boolean
  className?: string
}

/** A shell command, ready to copy. Long ones scroll, unless they wrap; the button stays. */
export function CommandLine({ command, wrap, className }: Props) {
  const t = useTranslations('shell')
  return (
    <div className={cn('flex min-w-0 items-center rounded-md border border-border bg-sunken', className)}>
      <code
        tabIndex={wrap ? undefined : 0}
        className={cn(
          'min-w-0 flex-1 select-all px-3 py-1.5 text-left font-mono text-sm',
          wrap ? 'whitespace-pre-wrap [overflow-wrap:anywhere]' : 'overflow-x-auto whitespace-pre',
        )}
      >
        <span aria-hidden className="select-none text-faint">
          {'$ '}
        </span>
        {command}
      </code>
      <CopyButton text={command} label={t('copy.command', { command })} className="mr-0.5" />
    </div>
  )
}
