import { useTranslations } from 'use-intl'
import { cn } from '../../../ui/index.ts'
import { type OpenPackets, ofOther, useOpenPackets } from '../location.ts'

/** Whether a packet's way is predicted, or real packets are watched. */
export function Mode({ packets, className }: { packets: OpenPackets; className?: string }) {
  const t = useTranslations('tracing')
  const [, open] = useOpenPackets()
  const { watch, ...others } = ofOther(packets)
  const modes = [
    { name: 'predict', on: watch === undefined, next: others },
    { name: 'watch', on: watch !== undefined, next: { ...others, watch: watch ?? '' } },
  ] as const
  return (
    <fieldset className={cn('flex gap-1', className)}>
      <legend className="sr-only">{t('mode')}</legend>
      {modes.map(({ name, on, next }) => (
        <button
          key={name}
          type="button"
          aria-pressed={on}
          onClick={() => void open(next)}
          className={cn(
            '-mb-px h-9 border-transparent border-b-2 px-2 text-soft transition-colors hover:text-text focus-visible:-outline-offset-2',
            on && 'border-primary font-medium text-text',
          )}
        >
          {t(name)}
        </button>
      ))}
    </fieldset>
  )
}
