import { useTranslations } from 'use-intl'
import { cn } from '../../../../ui/index.ts'

/** What the dots on the map look like while packets come; whoever wants nothing to move sees none, nor this. */
export function DotKey() {
  const t = useTranslations('tracing.dots')
  return (
    <ul aria-label={t('title')} className="flex flex-wrap gap-x-4 gap-y-0.5 text-faint text-sm motion-reduce:hidden">
      <li className="flex items-center gap-1.5">
        <Dot className="border-selection bg-selection" />
        {t('arrives')}
      </li>
      <li className="flex items-center gap-1.5">
        <Dot className="border-danger" />
        {t('lost')}
      </li>
    </ul>
  )
}

const Dot = ({ className }: { className: string }) => (
  <span aria-hidden className={cn('size-2.5 rounded-full border-2', className)} />
)
