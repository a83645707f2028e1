import { useTranslations } from 'use-intl'
import { CopyButton } from './CopyButton.tsx'
import { cn } from './cn.ts'

/** A shell command, ready to copy. Long ones scroll; the button stays. */
export function CommandLine({ command, className }: { command: string; className?: string }) {
  const t = useTranslations('shell')
  return (
    <div className={cn('flex min-w-0 items-center rounded-md border border-border bg-sunken', className)}>
      <code
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="min-w-0 flex-1 select-all overflow-x-auto whitespace-pre px-3 py-1.5 text-left font-mono text-sm"
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
