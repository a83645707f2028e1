import { type AnyRecord, type HostSnapshot, recordsOf } from '@hopscope/model'
import type { RecordRef, Topology, TopoNode } from './topology.ts'

/** The node that stands for a record: the one whose main record it is, else one that lists it, else its link's or namespace's. */
export type NodeOf = (ref: RecordRef, record?: AnyRecord) => string | undefined

/** Finds the node of any record; routes, rules and sockets belong to their link's or their namespace's node. */
export function indexRefs(topology: Topology, hosts: readonly HostSnapshot[]): NodeOf {
  const exact = new Map<string, string>()
  for (const n of topology.nodes) {
    n.refs.forEach((r, i) => {
      const key = keyOf(r)
      const main = i === 0 && !borrows(n.kind, r)
      if (main || !exact.has(key)) exact.set(key, n.id)
    })
  }
  const links = new Map<string, string>()
  for (const h of hosts)
    for (const l of recordsOf(h, 'link')) {
      const node = exact.get(keyOf({ hostId: h.host.id, kind: 'link', id: l.id }))
      if (node !== undefined) links.set(`${h.host.id} ${l.netns} ${l.index}`, node)
    }
  return (ref, record) => exact.get(keyOf(ref)) ?? (record && homeOf(exact, links, { ref, record }))
}

/** These list records that have a node of their own. */
const borrows = (kind: TopoNode['kind'], r: RecordRef): boolean =>
  ['segment', 'peer', 'entrance'].includes(kind) || (kind === 'macvlan' && r.kind === 'link')

const keyOf = (r: RecordRef): string => `${r.hostId} ${r.kind} ${r.id}`

type Home = { ref: RecordRef; record: AnyRecord }

function homeOf(
  exact: ReadonlyMap<string, string>,
  links: ReadonlyMap<string, string>,
  { ref, record }: Home,
): string | undefined {
  if (!('netns' in record) || record.netns === undefined) return undefined
  const index =
    'index' in record ? record.index : 'oif' in record && typeof record.oif === 'number' ? record.oif : undefined
  const link = index === undefined ? undefined : links.get(`${ref.hostId} ${record.netns} ${index}`)
  return link ?? exact.get(keyOf({ hostId: ref.hostId, kind: 'netns', id: record.netns }))
}
