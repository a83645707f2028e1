import { EyeOff } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Button } from '../../ui/index.ts'

/** Says that the map does not show everything, and ends that. */
export function HiddenBanner({ count, onShowAll }: { count: number; onShowAll: () => void }) {
  const t = useTranslations('map.filter')
  return (
    <div
      role="status"
      className="rise absolute top-3 left-1/2 flex max-w-[calc(100%-112px)] -translate-x-1/2 items-center gap-2 rounded-lg border border-border bg-raised py-1 pr-1 pl-3 shadow-2"
    >
      <EyeOff size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-warn" />
      <span className="text-sm">{t('hidden', { count })}</span>
      <Button small look="quiet" onClick={onShowAll}>
        {t('showAll')}
      </Button>
    </div>
  )
}
