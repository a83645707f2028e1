import { type Netns, netnsId, recordsOf, sysctlId } from '@hopscope/model'
import { Refused } from '../plan.ts'
import type { Drawn, Sketch } from './sketch.ts'
import { dropNetns, newLink } from './wire.ts'

export const expectedNetns: Drawn<'netns.add' | 'netns.delete'> = {
  'netns.add'({ name }, sketch) {
    addNetns(sketch, { names: [{ name, path: `/run/netns/${name}`, by: 'iproute2' }] })
  },
  'netns.delete'({ name }, sketch) {
    const found = recordsOf(sketch.now(), 'netns').find(({ names }) =>
      names.some((one) => one.by === 'iproute2' && one.name === name),
    )
    if (found === undefined) throw new Refused('NETNS_MISSING', { netns: name }, 'name')
    dropNetns(sketch, found.id)
  },
}

/** Greater than any inode of a kernel, and so the last in any order. */
const PLACEHOLDER_INODE = 9_000_000_000_000

/** A new namespace with its loopback, which is down unless somebody switches it on. */
export function addNetns(sketch: Sketch, { names, loopback = false }: Pick<Netns, 'names'> & { loopback?: boolean }) {
  let inode = PLACEHOLDER_INODE
  while (sketch.now().records.netns[netnsId(inode)]) inode++
  const id = netnsId(inode)
  const path = names[0]?.path ?? ''
  sketch.put('netns', { id, inode, root: false, names, processes: [], processCount: 0, path })
  const flags = loopback ? ['LOOPBACK', 'UP', 'LOWER_UP'] : ['LOOPBACK']
  const lo = {
    netns: id,
    index: 1,
    name: 'lo',
    type: 'loopback',
    mtu: 65_536,
    flags,
    info: { kind: 'device' },
  } as const
  const { alias: _, address: __, ...link } = newLink(sketch, { ...lo, flags: [...flags] })
  sketch.put('link', link)
  sketch.put('sysctl', { id: sysctlId(id), netns: id, ipForward: false, ip6Forwarding: false, links: {} })
  return id
}
