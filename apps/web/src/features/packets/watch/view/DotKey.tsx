import { Locate } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { cn, IconButton } from '../../../../ui/index.ts'

/** What the dots on the map look like while packets come, and the way to them; whoever wants nothing to move sees none, nor this. */
export function DotKey({ onShow }: { onShow: () => void }) {
  const t = useTranslations('tracing.dots')
  return (
    <div className="flex items-center gap-2 motion-reduce:hidden">
      <ul aria-label={t('title')} className="flex min-w-0 flex-1 flex-wrap gap-x-4 gap-y-0.5 text-faint text-sm">
        <li className="flex items-center gap-1.5">
          <Dot className="border-selection bg-selection" />
          {t('arrives')}
        </li>
        <li className="flex items-center gap-1.5">
          <Dot className="border-danger" />
          {t('lost')}
        </li>
      </ul>
      <IconButton icon={Locate} label={t('show')} small onClick={onShow} />
    </div>
  )
}

const Dot = ({ className }: { className: string }) => (
  <span aria-hidden className={cn('size-2.5 rounded-full border-2', className)} />
)
