import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeNetns, type TestNetns, withoutRoot } from '../test/netns.ts'
import { dumpAll } from './dumpAll.ts'
import { NetlinkError } from './errors.ts'
import { openEvents } from './events.ts'
import { insideNetns, isNsfs, netnsIdentity, openNetns, ownNetnsPath } from './namespaces.ts'
import { dumpLinks } from './route/links.ts'
import { NETLINK, openNetlink, withNetlink } from './socket.ts'

const openDescriptors = () => readdirSync('/proc/self/fd').length

describe.skipIf(withoutRoot)('netlink sockets', () => {
  let netns: TestNetns
  beforeEach(() => {
    netns = makeNetns()
  })
  afterEach(() => netns.remove())

  it('comes back to its own namespace after every visit, also when the visit fails', () => {
    const own = netnsIdentity(ownNetnsPath)
    expect(insideNetns(netns.path, () => netnsIdentity(ownNetnsPath))).toEqual(netnsIdentity(netns.path))
    expect(() =>
      insideNetns(netns.path, () => {
        throw new Error('inside')
      }),
    ).toThrow('inside')
    expect(netnsIdentity(ownNetnsPath)).toEqual(own)
    expect(isNsfs(netnsIdentity(netns.path).dev)).toBe(true)
    expect(isNsfs(netnsIdentity('/proc').dev)).toBe(false)
  })

  it('takes a path, a descriptor or nothing', () => {
    const opened = openNetns(netns.path)
    expect(dumpAll(opened.fd).links.map((link) => link.name)).toEqual(['lo'])
    opened.close()
    opened.close()
    expect(dumpAll(netns.path).links.map((link) => link.name)).toEqual(['lo'])
    expect(withNetlink(null, NETLINK.ROUTE, (socket) => dumpLinks(socket)).length).toBeGreaterThan(0)
  })

  it('names the errno, what was being done and the words of the kernel', () => {
    expect(() => dumpAll('/run/netns/hopnl-nowhere')).toThrow(/ENOENT/)
    expect(() => openNetlink('/proc/self/maps', NETLINK.ROUTE)).toThrow('enter network namespace: EINVAL')
    withNetlink(netns.path, NETLINK.ROUTE, (socket) => {
      const request = { type: 18, payload: Buffer.alloc(3), doing: 'ask badly' }
      expect(() => socket.get(request, () => undefined)).toThrow(/^ask badly: EINVAL/)
      const noFilter = { type: 18, payload: Buffer.alloc(16, 1), doing: 'dump badly' }
      const error = thrownBy(() => socket.dump(noFilter, () => undefined))
      expect(error).toBeInstanceOf(NetlinkError)
      expect(error).toMatchObject({ code: 'EINVAL', doing: 'dump badly', detail: expect.stringMatching(/\w+ \w+/) })
      expect(dumpLinks(socket)).toHaveLength(1)
    })
    const closed = openNetlink(netns.path, NETLINK.ROUTE)
    closed.close()
    closed.close()
    expect(() => dumpLinks(closed)).toThrow(/EBADF/)
  })

  it('leaves no descriptor behind in 200 rounds', () => {
    const round = () => {
      dumpAll(netns.path)
      openEvents({
        protocols: ['route', 'nftables'],
        onMessage: () => {},
        onLoss: () => {},
        onNsidEvent: () => {},
      }).close()
    }
    round()
    const before = openDescriptors()
    for (let index = 0; index < 200; index++) round()
    expect(openDescriptors()).toBe(before)
  })

  it('does not keep a deleted namespace alive', async () => {
    const other = makeNetns()
    try {
      netns.ip('link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there', 'netns', other.name)
      dumpAll(other.path)
      const gone = new Promise<string>((resolve) => {
        const events = openEvents({
          netns: netns.path,
          protocols: ['route'],
          onMessage: (_nsid, event) => {
            if (event.kind !== 'link' || event.action !== 'del') return
            events.close()
            resolve(event.link.name)
          },
          onLoss: () => {},
          onNsidEvent: () => {},
        })
      })
      other.remove()
      expect(await gone).toBe('here')
    } finally {
      other.remove()
    }
  })

  it('reads tables that need many datagrams', () => {
    const links = Array.from({ length: 100 }, (_, index) => `link add b${index} type bridge`)
    const addresses = Array.from({ length: 100 }, (_, index) => `addr add 10.1.0.${index}/32 dev b${index}`)
    netns.feed([...links, ...addresses].join('\n'), 'ip', '-batch', '-')
    const dump = dumpAll(netns.path)
    expect(dump.links.map((link) => link.name)).toEqual(['lo', ...links.map((_, index) => `b${index}`)])
    expect(new Set(dump.addresses.map((address) => address.local)).size).toBe(100)
    expect(dump.tally).toEqual({ truncated: 0, unknown: 0 })
  })

  it('reads 40 interleaved namespaces without ever mixing them up', () => {
    const second = makeNetns()
    try {
      netns.ip('link', 'add', 'only-first', 'type', 'bridge')
      second.ip('link', 'add', 'only-second', 'type', 'bridge')
      for (let index = 0; index < 20; index++) {
        expect(dumpAll(netns.path).links[1]?.name).toBe('only-first')
        expect(dumpAll(second.path).links[1]?.name).toBe('only-second')
      }
    } finally {
      second.remove()
    }
  })
})

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (cause) {
    return cause
  }
  throw new Error('nothing was thrown')
}
