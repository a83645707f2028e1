import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeNetns, type TestNetns, withoutRoot } from '../test/netns.ts'
import { changedAddresses, changedLinks, changedNeighbours, changedRoutes } from './changedTables.ts'
import type { DumpMemory, RawDump } from './dumpMemory.ts'
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

  type Changed = (socket: NetlinkSocket, memory: DumpMemory) => RawDump<unknown> | undefined
  const cases: [string, Changed, (socket: NetlinkSocket) => unknown[], string[]][] = [
    ['links', changedLinks, dumpLinks, ['ip', 'link', 'set', 'va', 'mtu', '1400']],
    ['addresses', changedAddresses, dumpAddresses, ['ip', 'addr', 'add', '10.1.0.9/24', 'dev', 'va']],
    ['routes', changedRoutes, dumpRoutes, ['ip', 'route', 'add', '10.9.0.0/24', 'dev', 'va']],
    [
      'neighbours',
      changedNeighbours,
      dumpNeighbours,
      ['ip', 'neigh', 'change', '10.1.0.2', 'lladdr', '02:00:00:00:00:03', 'dev', 'va'],
    ],
  ]
  it.each(cases)('of %s says that nothing changed, until something does', async (_, changed, dump, change) => {
    const inside = <T>(act: (socket: NetlinkSocket) => T) => withNetlink(netns.path, NETLINK.ROUTE, act)
    const memory: DumpMemory = {}
    const read = () => inside((socket) => changed(socket, memory)?.records())
    // Fresh links still get their IPv6 addresses, and a bridge's timers run until they are out.
    await expect.poll(() => read() === undefined, { timeout: 10_000, interval: 50 }).toBe(true)
    netns.run(...change)
    const records = read()
    expect(records).toBeDefined()
    expect(JSON.stringify(withoutMoving(records ?? []))).toBe(JSON.stringify(withoutMoving(inside((s) => dump(s)))))
  })

  it.each([1, 2, 3, 4, 5])('is decoded later, %d messages at a time', (atOnce) => {
    withNetlink(netns.path, NETLINK.ROUTE, (socket) => {
      const dump = changedLinks(socket, {})?.map((link) => (link.name === 'lo' ? undefined : link))
      expect([3, 4].map((messages) => dump?.isLongerThan(messages))).toEqual([true, false])
      const steps = dump?.inSteps(atOnce)
      const now = withoutMoving(dumpLinks(socket).filter(({ name }) => name !== 'lo'))
      changedAddresses(socket, {})
      let pauses = 0
      for (let step = steps?.next(); step; step = steps?.next()) {
        if (!step.done) pauses++
        else {
          expect(withoutMoving(step.value)).toEqual(now)
          break
        }
      }
      expect(pauses).toBe(Math.ceil(4 / atOnce) - 1)
    })
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
