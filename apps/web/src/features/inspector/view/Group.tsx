import type { NodeKind, RecordRef } from '@hopscope/topology'
import { KindIcon } from '../../../ui/index.ts'
import type { Fact } from '../model/page.ts'
import { Facts } from './Facts.tsx'
import { RefLink } from './RefLink.tsx'

type Props = { title: string; to?: RecordRef | undefined; icon: NodeKind; facts: readonly Fact[] }

/** Facts that belong together under a name of their own: one attachment, one published port. */
export function Group({ title, to, icon, facts }: Props) {
  return (
    <div className="rounded-lg border border-border px-3 pt-1.5 pb-2">
      <h4 className="flex min-h-8 min-w-0 items-center gap-1.5 font-medium">
        {to ? (
          <RefLink to={to} icon={icon} text={title} />
        ) : (
          <>
            <KindIcon kind={icon} />
            <span className="min-w-0 font-mono text-sm [overflow-wrap:anywhere]">{title}</span>
          </>
        )}
      </h4>
      <Facts facts={facts} />
    </div>
  )
}
