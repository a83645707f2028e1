import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeNetns, type TestNetns, withoutRoot } from '../test/netns.ts'
import { type DumpMemory, UNCHANGED } from './dumpMemory.ts'
import { insideNetns, netnsIdentity, openNetns, ownNetnsPath } from './namespaces.ts'
import { dumpAddresses } from './route/addresses.ts'
import { dumpLinks } from './route/links.ts'
import { dumpNeighbours } from './route/neighbours.ts'
import { dumpRoutes } from './route/routes.ts'
import { NETLINK, type NetlinkSocket, withNetlink } from './socket.ts'

describe.skipIf(withoutRoot)('a dump with a memory', () => {
  let netns: TestNetns
  beforeEach(() => {
    netns = makeNetns()
    netns.run('ip', 'link', 'add', 'br0', 'type', 'bridge')
    netns.run('ip', 'link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb')
    for (const name of ['lo', 'va', 'vb']) netns.run('ip', 'link', 'set', name, 'up')
    netns.run('ip', 'address', 'add', '10.1.0.1/24', 'dev', 'va')
    netns.run('ip', 'neighbour', 'add', '10.1.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'va')
  })
  afterEach(() => netns.remove())

  const cases: [string, (socket: NetlinkSocket, memory?: DumpMemory) => unknown[], string[]][] = [
    ['links', (socket, memory) => dumpLinks(socket, { memory }), ['ip', 'link', 'set', 'va', 'mtu', '1400']],
    [
      'addresses',
      (socket, memory) => dumpAddresses(socket, { memory }),
      ['ip', 'addr', 'add', '10.1.0.9/24', 'dev', 'va'],
    ],
    ['routes', (socket, memory) => dumpRoutes(socket, { memory }), ['ip', 'route', 'add', '10.9.0.0/24', 'dev', 'va']],
    [
      'neighbours',
      (socket, memory) => dumpNeighbours(socket, { memory }),
      ['ip', 'neigh', 'change', '10.1.0.2', 'lladdr', '02:00:00:00:00:03', 'dev', 'va'],
    ],
  ]
  it.each(cases)('of %s says that nothing changed, until something does', async (_, dump, change) => {
    const read = (memory?: DumpMemory) => withNetlink(netns.path, NETLINK.ROUTE, (socket) => dump(socket, memory))
    const memory: DumpMemory = {}
    // Fresh links still get their IPv6 addresses, and a bridge's timers run until they are out.
    await expect.poll(() => read(memory) === UNCHANGED, { timeout: 10_000, interval: 50 }).toBe(true)
    netns.run(...change)
    const records = read(memory)
    expect(records).not.toBe(UNCHANGED)
    expect(JSON.stringify(withoutMoving(records))).toBe(JSON.stringify(withoutMoving(read())))
  })
})

describe.skipIf(withoutRoot)('insideNetns', () => {
  it('can be nested, and comes back to where it was', () => {
    const [outer, inner] = [makeNetns(), makeNetns()]
    const here = () => netnsIdentity(ownNetnsPath).inode
    const own = here()
    const [a, b] = [openNetns(outer.path), openNetns(inner.path)]
    try {
      const seen = insideNetns(a.fd, () => [
        here(),
        insideNetns(b.fd, here),
        insideNetns(a.fd, here),
        insideNetns(null, here),
        here(),
      ])
      const [first, second] = [netnsIdentity(outer.path).inode, netnsIdentity(inner.path).inode]
      expect(seen).toEqual([first, second, first, own, first])
      expect(here()).toBe(own)
    } finally {
      for (const one of [a, b]) one.close()
      for (const one of [outer, inner]) one.remove()
    }
  })
})

/** What is told anew with every dump. */
function withoutMoving(records: readonly unknown[]): unknown[] {
  return records.map((record) => {
    const {
      stats64: _,
      confirmed: _c,
      used: _u,
      updated: _d,
      refcnt: _r,
      probes: _p,
      ...rest
    } = record as Record<string, unknown> // a record of any kind
    return rest
  })
}
