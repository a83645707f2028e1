import { Check, Copy } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { cn } from './cn.ts'
import { useCopy } from './useCopy.ts'

/** Copies `text`; for a moment a tick says that it did, also to a screen reader. */
export function CopyButton({ text, label, className }: { text: string; label?: string; className?: string }) {
  const t = useTranslations('shell')
  const { copied, copy } = useCopy(text)
  const Icon = copied ? Check : Copy
  return (
    <>
      <button
        type="button"
        onClick={copy}
        title={copied ? t('copy.copied') : t('copy.copy')}
        aria-label={label ?? t('copy.copy')}
        className={cn(
          'inline-flex size-7 shrink-0 items-center justify-center rounded-md transition-colors hover:bg-hover',
          copied ? 'text-ok' : 'text-faint hover:text-text',
          className,
        )}
      >
        <Icon size={14} strokeWidth={2} aria-hidden />
      </button>
      <span role="status" className="sr-only">
        {copied ? t('copy.copied') : ''}
      </span>
    </>
  )
}
