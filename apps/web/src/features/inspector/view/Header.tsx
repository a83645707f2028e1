import { ChevronRight, Crosshair } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useInspect } from '../../../shell/location.ts'
import { useShowOnMap } from '../../../shell/mapFocus.ts'
import { Button, CopyButton, KindIcon } from '../../../ui/index.ts'
import { ActionsMenu } from '../../changes/ActionsMenu.tsx'
import type { Crumb, Page } from '../model/page.ts'
import { useSay } from '../useSay.ts'
import { StateMark } from './StateMark.tsx'

/** What it is, how it is, and where it lives. The shell draws the close button at the right. */
export function Header({ page }: { page: Page }) {
  const t = useTranslations('inspector')
  const kinds = useTranslations('kinds')
  const say = useSay()
  const show = useShowOnMap()
  return (
    <header className="shrink-0 border-border border-b px-4 pt-3 pb-3">
      {page.crumbs.length > 0 && <Crumbs crumbs={page.crumbs} />}
      <div className="flex items-start gap-3 pr-9">
        <KindIcon kind={page.icon} tile className="mt-0.5" />
        <div className="min-w-0 flex-1">
          <h2 className="break-words font-semibold text-md [overflow-wrap:anywhere]">{page.title}</h2>
          <p className="text-soft text-sm [overflow-wrap:anywhere]">
            {page.what ? say(page.what) : kinds(`record.${page.ref.kind}`)}
          </p>
        </div>
        <CopyButton text={page.copyId} label={t('copyId', { id: page.copyId })} />
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        {page.status && <StateMark status={page.status} />}
        <span className="flex-1" />
        {page.onMap && (
          <Button small look="plain" onClick={() => show(page.ref)}>
            <Crosshair size={14} strokeWidth={1.75} aria-hidden />
            {t('showOnMap')}
          </Button>
        )}
        <ActionsMenu target={page.ref} name={page.title} />
      </div>
    </header>
  )
}

function Crumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  const t = useTranslations('inspector')
  const inspect = useInspect()
  return (
    <nav aria-label={t('crumbs')} className="mb-2 pr-9">
      <ol className="flex min-w-0 flex-wrap items-center text-sm">
        {crumbs.map(({ text, to }, i) => (
          <li key={to?.id ?? text} className="flex min-w-0 items-center">
            {i > 0 && <ChevronRight size={12} aria-hidden className="mx-0.5 shrink-0 text-faint" />}
            {to ? (
              <button
                type="button"
                onClick={() => inspect(to)}
                className="max-w-48 truncate rounded-sm px-0.5 text-soft underline-offset-2 hover:text-text hover:underline"
              >
                {text}
              </button>
            ) : (
              <span className="max-w-48 truncate px-0.5 text-soft">{text}</span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}
