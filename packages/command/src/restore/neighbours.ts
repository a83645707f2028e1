import type { HostSnapshot, Link } from '@hopscope/model'
import { recordsAt } from '../find.ts'
import type { Act } from '../plan.ts'
import { inPlace } from './placing.ts'

/** Neighbours and proxied addresses that somebody wrote down. */
export function restoreNeighbours(snapshot: HostSnapshot, link: Link, placing = inPlace): Act[] {
  const place = placing(link.netns)
  return recordsAt(snapshot, 'neighbour', link).flatMap(({ address, lladdr, state, proxy }): Act[] => {
    if (proxy) return [{ place, argv: ['ip', 'neigh', 'replace', 'proxy', address, 'dev', link.name] }]
    if (state !== 'PERMANENT' || lladdr === undefined) return []
    return [{ place, argv: neighbourArgv(address, lladdr, link) }]
  })
}

export const neighbourArgv = (address: string, mac: string, link: Link): string[] => [
  ...['ip', 'neigh', 'replace', address, 'lladdr', mac, 'dev', link.name, 'nud', 'permanent'],
]
