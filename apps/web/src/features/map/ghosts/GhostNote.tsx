import { useTranslations } from 'use-intl'
import type { Ghosts } from './ghosts.ts'

/** Says what outlined and struck things mean, while there are any. */
export function GhostNote({ ghosts: { appear, change, leave } }: { ghosts: Ghosts }) {
  const t = useTranslations('map')
  const comes = appear.nodes.length + appear.edges.length > 0
  const goes = leave.nodes.length + leave.edges.length > 0
  return (
    <p className="pointer-events-none absolute top-3 left-3 flex max-w-[calc(100%-80px)] flex-wrap items-center gap-x-4 gap-y-1 rounded-lg border border-border bg-raised px-3 py-1.5 text-sm shadow-2">
      <span className="font-medium">{t('ghosts.title')}</span>
      {comes && <Mark className="border-focus border-dashed" text={t('ghosts.appear')} />}
      {change.length > 0 && !comes && <Mark className="border-focus border-dashed" text={t('ghosts.change')} />}
      {goes && (
        <Mark
          className="border-danger border-dashed bg-[linear-gradient(to_top_right,transparent_46%,var(--danger)_46%,var(--danger)_54%,transparent_54%)]"
          text={t('ghosts.leave')}
        />
      )}
    </p>
  )
}

function Mark({ className, text }: { className: string; text: string }) {
  return (
    <span className="flex items-center gap-1.5 text-soft">
      <span aria-hidden className={`h-3 w-4.5 rounded-xs border-[1.5px] ${className}`} />
      {text}
    </span>
  )
}
