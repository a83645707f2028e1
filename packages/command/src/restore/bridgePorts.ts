import type { HostSnapshot, Link } from '@hopscope/model'
import { recordsAt } from '../find.ts'
import type { Act } from '../plan.ts'
import { restoreNeighbours } from './neighbours.ts'
import { inPlace, type Placing } from './placing.ts'

/** Plugs a port in again, with what was set for it. */
export function restorePlug(snapshot: HostSnapshot, port: Link, bridge: Link, placing = inPlace): Act[] {
  return [
    { place: placing(port.netns), argv: ['ip', 'link', 'set', 'dev', port.name, 'master', bridge.name] },
    ...restorePort(port, placing),
    ...restoreFdb(snapshot, port, placing),
    // The bridge may have had the port's address, and forgets its neighbours whenever that changes.
    ...restoreNeighbours(snapshot, bridge, placing),
  ]
}

/** What the kernel starts a port with. */
export const NEW_PORT = {
  priority: 32,
  hairpin: false,
  guard: false,
  rootBlock: false,
  fastLeave: false,
  learning: true,
  flood: true,
  isolated: false,
}

const PORT_WORDS = {
  priority: 'priority',
  hairpin: 'hairpin',
  guard: 'guard',
  rootBlock: 'root_block',
  fastLeave: 'fastleave',
  learning: 'learning',
  flood: 'flood',
  isolated: 'isolated',
} as const

function restorePort({ netns, name, port }: Link, placing: Placing): Act[] {
  if (port === undefined) return []
  const word = (value: boolean | number) => (typeof value === 'number' ? String(value) : value ? 'on' : 'off')
  // Object.keys forgets which keys there are.
  const keys = (Object.keys(NEW_PORT) as (keyof typeof NEW_PORT)[]).filter((key) => port[key] !== NEW_PORT[key])
  if (keys.length === 0) return []
  const words = keys.flatMap((key) => [PORT_WORDS[key], word(port[key])])
  return [{ place: placing(netns), argv: ['bridge', 'link', 'set', 'dev', name, ...words] }]
}

/** Entries that somebody wrote into the bridge's CAM table for this port. */
function restoreFdb(snapshot: HostSnapshot, link: Link, placing: Placing): Act[] {
  return recordsAt(snapshot, 'fdb', link).flatMap(({ mac, state, self, vlan }): Act[] => {
    if (state !== 'static' || self || vlan !== undefined) return []
    return [{ place: placing(link.netns), argv: fdbArgv(mac, link) }]
  })
}

export const fdbArgv = (mac: string, link: Link): string[] => [
  ...['bridge', 'fdb', 'replace', mac, 'dev', link.name, 'master', 'static'],
]
