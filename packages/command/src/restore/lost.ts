import type { HostSnapshot, Link } from '@hopscope/model'
import { recordsAt } from '../find.ts'
import type { Phrase } from '../plan.ts'
import { canBeRemade } from './links.ts'
import { isLearned, routesOver } from './routes.ts'

/** What stays lost although a link is made again. */
export function lostWith(snapshot: HostSnapshot, link: Link): Phrase[] {
  if (!canBeRemade(link)) return [{ code: 'lost.kind', params: { link: link.name, kind: link.info.kind } }]
  return [
    { code: 'lost.counters', params: { link: link.name } },
    { code: 'lost.learned', params: { link: link.name } },
    ...lostOutside(snapshot, link),
  ]
}

/** Addresses and routes that only somebody else can give again. */
export function lostOutside(snapshot: HostSnapshot, link: Link): Phrase[] {
  const addresses = recordsAt(snapshot, 'address', link).filter(({ flags }) => flags.includes('dynamic'))
  const routes = routesOver(snapshot, link).filter(isLearned)
  return [
    ...addresses.map(({ local }): Phrase => ({ code: 'lost.dynamicAddress', params: { address: local } })),
    ...routes.map(({ dst }): Phrase => ({ code: 'lost.expiringRoute', params: { dst } })),
  ]
}
