import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeNetns, type TestNetns, withoutRoot } from '../test/netns.ts'
import {
  changedAddresses,
  changedFdb,
  changedLinks,
  changedNeighbours,
  changedProxies,
  changedRoutes,
} from './changedTables.ts'
import type { DumpMemory } from './dumpMemory.ts'
import {
  GLANCED,
  type Glanced,
  type GlancedTable,
  type GlancePlace,
  glance,
  neighboursSayTheSame,
  netnsCookie,
} from './glance.ts'
import { insideNetns, netnsIdentity, ownNetnsPath } from './namespaces.ts'
import { dumpLinks } from './route/links.ts'
import { NETLINK, withNetlink } from './socket.ts'

describe.skipIf(withoutRoot)('a glance', () => {
  let netns: TestNetns
  beforeEach(() => {
    netns = makeNetns()
    netns.run('ip', 'link', 'add', 'br0', 'type', 'bridge')
    netns.run('ip', 'link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb')
    // Addresses that a link gives itself would come and settle for seconds.
    for (const name of ['br0', 'va', 'vb']) netns.run('ip', 'link', 'set', name, 'addrgenmode', 'none')
    netns.run('ip', 'link', 'set', 'vb', 'master', 'br0')
    for (const name of ['lo', 'br0', 'va', 'vb']) netns.run('ip', 'link', 'set', name, 'up')
    netns.run('ip', 'address', 'add', '10.1.0.1/24', 'dev', 'va')
    netns.run('ip', 'neighbour', 'add', '10.1.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'va')
  })
  afterEach(() => netns.remove())

  const changes: [GlancedTable, string[]][] = [
    ['links', ['ip', 'link', 'set', 'va', 'mtu', '1400']],
    ['links', ['ip', 'link', 'set', 'br0', 'type', 'bridge', 'hello_time', '300']],
    ['addresses', ['ip', 'addr', 'add', '10.1.0.9/32', 'dev', 'va', 'noprefixroute']],
    ['routes', ['ip', 'route', 'add', '10.9.0.0/24', 'dev', 'va', 'table', '77']],
    ['neighbours', ['ip', 'neigh', 'change', '10.1.0.2', 'lladdr', '02:00:00:00:00:03', 'dev', 'va']],
    ['fdb', ['bridge', 'fdb', 'add', '02:00:00:00:00:09', 'dev', 'vb', 'master', 'static']],
  ]
  it.each(changes)('finds a change of %s by "%s", and all the same before', async (table, change) => {
    const place = await settled(netns.path)
    // What moves by itself, a bridge's timers and ages, is no change.
    for (let i = 0; i < 3; i++) expect(seen([place])).toEqual([[...GLANCED]])
    netns.run(...change)
    const [same] = seen([place])
    expect(same).toBeDefined()
    expect(same).not.toContain(table)
  })

  it('finds a change of neighbours and of proxied addresses from within', async () => {
    const memories = { neighbours: {}, proxies: {} }
    const look = () => insideNetns(netns.path, () => neighboursSayTheSame(memories))
    const read = () =>
      withNetlink(netns.path, NETLINK.ROUTE, (socket) => {
        changedNeighbours(socket, memories.neighbours)
        changedProxies(socket, memories.proxies)
      })
    expect(look(), 'nothing was read yet').toBe(false)
    for (const change of [
      ['ip', 'neigh', 'change', '10.1.0.2', 'lladdr', '02:00:00:00:00:03', 'dev', 'va'],
      ['ip', 'neigh', 'add', 'proxy', '10.1.0.7', 'dev', 'va'],
    ]) {
      await settled(netns.path)
      read()
      for (let i = 0; i < 3; i++) expect(look()).toBe(true)
      netns.run(...change)
      expect(look(), change.join(' ')).toBe(false)
    }
  })

  it('goes through many namespaces, leaves out what is not there, and comes back', async () => {
    const [other, gone] = [makeNetns(), makeNetns()]
    const here = netnsIdentity(ownNetnsPath).inode
    try {
      const places = [await settled(netns.path), await settled(gone.path), await settled(other.path)]
      gone.remove()
      expect(seen(places)).toEqual([[...GLANCED], [...GLANCED]])
      expect(netnsIdentity(ownNetnsPath).inode).toBe(here)
    } finally {
      for (const one of [other, gone]) one.remove()
    }
  })

  it('tells nothing of another namespace at the same path', async () => {
    const place = await settled(netns.path)
    expect(seen([{ ...place, cookie: place.cookie + 1 }])).toEqual([])
    expect(seen([place])).toEqual([[...GLANCED]])
  })

  it('tells whether what is to be seen of a namespace by its id is still the same', async () => {
    const ghost = makeNetns()
    try {
      netns.run('ip', 'link', 'add', 'vg', 'type', 'veth', 'peer', 'name', 'vh', 'netns', ghost.name)
      const place = await settled(netns.path)
      const ghosts = withNetlink(netns.path, NETLINK.ROUTE, (socket) => {
        const nsid = dumpLinks(socket).find(({ name }) => name === 'vg')?.linkNetnsid ?? Number.NaN
        const memory = {}
        changedLinks(socket, memory, { targetNsid: nsid })
        return [{ nsid, memory }]
      })
      expect(seen([{ ...place, ghosts }])).toEqual([[...GLANCED, 'ghosts']])
      expect(seen([{ ...place, ghosts: [...ghosts, { nsid: 4711, memory: {} }] }])).toEqual([[...GLANCED]])
      ghost.run('ip', 'link', 'set', 'vh', 'name', 'vk')
      expect(seen([{ ...place, ghosts }])).toEqual([[...GLANCED]])
    } finally {
      ghost.remove()
    }
  })

  it('tells nothing of a table without a memory', async () => {
    const place = await settled(netns.path)
    const { routes: _, ...memories } = place.memories
    expect(seen([{ ...place, memories: { ...memories, links: {} } }])).toEqual([['addresses', 'neighbours', 'fdb']])
  })
})

/** What is the same, of each place that was reached. */
function seen(places: readonly GlancePlace[]): Glanced[][] {
  const all: Glanced[][] = []
  glance(places, (_place, same) => all.push([...same]))
  return all
}

/** Waits until nothing changes any more: links that come up still do so for a moment. */
async function settled(path: string): Promise<GlancePlace> {
  let place = remembered(path)
  const calm = () => {
    const [same] = seen([place])
    if (same?.length === GLANCED.length) return true
    place = remembered(path)
    return false
  }
  let calms = 0
  await expect.poll(() => (calms = calm() ? calms + 1 : 0), { timeout: 15_000, interval: 50 }).toBeGreaterThan(5)
  return place
}

function remembered(path: string): GlancePlace {
  return withNetlink(path, NETLINK.ROUTE, (socket) => {
    const memories: Record<GlancedTable, DumpMemory> = { links: {}, addresses: {}, routes: {}, neighbours: {}, fdb: {} }
    changedLinks(socket, memories.links)
    changedAddresses(socket, memories.addresses)
    changedRoutes(socket, memories.routes)
    changedNeighbours(socket, memories.neighbours)
    changedFdb(socket, memories.fdb)
    const cookie = netnsCookie(socket.fd)
    if (cookie === undefined) throw new Error('this kernel numbers no namespaces')
    return { path, cookie, memories }
  })
}
