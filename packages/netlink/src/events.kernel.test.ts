import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeNetns, type TestNetns, withoutRoot } from '../test/netns.ts'
import { dumpAll, type NetnsDump } from './dumpAll.ts'
import { type EventHandlers, type NetlinkEvent, type NsidEvent, openEvents } from './events.ts'
import { openNetns } from './namespaces.ts'
import { ensureNsid, getNsid, listNsids } from './route/nsids.ts'
import { NETLINK, withNetlink } from './socket.ts'

type Heard = { nsid: number; event: NetlinkEvent }

describe.skipIf(withoutRoot)('events', () => {
  // The listener sits in a namespace of its own, so that ids and noise of the machine stay out of the test.
  let home: TestNetns
  let first: TestNetns
  let second: TestNetns
  const closers: (() => void)[] = []

  beforeEach(() => {
    home = makeNetns()
    first = makeNetns()
    second = makeNetns()
  })
  afterEach(() => {
    for (const close of closers.splice(0)) close()
    for (const netns of [first, second, home]) netns.remove()
  })

  function listen(options: Partial<EventHandlers> = {}) {
    const heard: Heard[] = []
    const nsids: NsidEvent[] = []
    const losses: string[] = []
    let wake = () => {}
    const handlers: EventHandlers = {
      netns: home.path,
      protocols: ['route', 'nftables', 'conntrack'],
      onMessage: (nsid, event) => {
        heard.push({ nsid, event })
        wake()
      },
      onLoss: (source, code) => {
        losses.push(`${source} ${code}`)
        wake()
      },
      onNsidEvent: (event) => {
        nsids.push(event)
        wake()
      },
      ...options,
    }
    const events = openEvents(handlers)
    closers.push(events.close)
    /** Resolves when the condition holds; the test's own time limit ends a wait in vain. */
    const until = async (condition: () => boolean) => {
      while (!condition()) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
    return { events, heard, nsids, losses, until }
  }

  const idOf = (netns: TestNetns) => {
    const opened = openNetns(netns.path)
    try {
      return withNetlink(home.path, NETLINK.ROUTE, (socket) => ensureNsid(socket, opened.fd))
    } finally {
      opened.close()
    }
  }

  it('attributes each event to the namespace it happened in', async () => {
    const ids = new Map([first, second].map((netns) => [netns.name, idOf(netns)]))
    const { heard, until, events } = listen()
    for (let round = 0; round < 20; round++) {
      for (const netns of [first, second])
        netns.ip('link', 'add', `${netns === first ? 'a' : 'b'}${round}`, 'type', 'bridge')
    }
    home.ip('link', 'add', 'own', 'type', 'bridge')
    const links = () =>
      heard.flatMap(({ nsid, event }) => (event.kind === 'link' ? [{ nsid, name: event.link.name }] : []))
    await until(() => links().some((link) => link.name === 'own'))
    expect(
      links()
        .filter((link) => link.name.startsWith('a'))
        .map((link) => link.nsid),
    ).toEqual(Array(20).fill(ids.get(first.name)))
    expect(
      links()
        .filter((link) => link.name.startsWith('b'))
        .map((link) => link.nsid),
    ).toEqual(Array(20).fill(ids.get(second.name)))
    expect(links().find((link) => link.name === 'own')?.nsid).toBe(-1)
    expect(events.tally()).toEqual({ truncated: 0, unknown: 0 })
  })

  it('hears of addresses, routes, rules, neighbours, switches and bridge ports', async () => {
    const { heard, until } = listen()
    home.ip('link', 'add', 'br0', 'type', 'bridge')
    home.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1')
    home.ip('link', 'set', 'v0', 'master', 'br0')
    home.ip('link', 'set', 'br0', 'up')
    home.ip('addr', 'add', '10.7.0.1/24', 'dev', 'br0')
    home.ip('rule', 'add', 'priority', '77', 'table', '77')
    home.ip('neigh', 'add', '10.7.0.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'br0')
    home.run('sysctl', '-qw', 'net.ipv4.conf.br0.forwarding=1')
    home.ip('link', 'set', 'v0', 'nomaster')
    await until(() => heard.some(({ event }) => event.kind === 'bridgePort' && event.action === 'del'))
    const kinds = new Set(heard.map(({ event }) => event.kind))
    for (const kind of ['link', 'address', 'route', 'rule', 'neighbour', 'netconf', 'fdb', 'bridgePort'] as const) {
      expect(kinds).toContain(kind)
    }
    const address = heard.find(({ event }) => event.kind === 'address' && event.address.family === 'inet')
    expect(address?.event).toMatchObject({ action: 'new', address: { local: '10.7.0.1', prefixlen: 24 } })
    expect(heard.map(({ event }) => event)).toContainEqual(
      expect.objectContaining({
        kind: 'netconf',
        netconf: expect.objectContaining({ family: 'inet', forwarding: true }),
      }),
    )
    // The port left its bridge and the link is still there.
    expect(heard.some(({ event }) => event.kind === 'link' && event.action === 'del')).toBe(false)
  })

  it('says where a veth moved to', async () => {
    const id = idOf(first)
    const { heard, until } = listen()
    home.ip('link', 'add', 'stay', 'type', 'veth', 'peer', 'name', 'move')
    home.ip('link', 'set', 'move', 'netns', first.name)
    const arrived = ({ nsid, event }: Heard) => nsid === id && event.kind === 'link' && event.action === 'new'
    await until(() => heard.some(arrived))
    const left = heard.find(({ event }) => event.kind === 'link' && event.action === 'del')?.event
    const there = dumpAll(first.path).links.find((link) => link.name === 'move')
    expect(left).toMatchObject({ kind: 'link', link: { name: 'move', newNetnsid: id, newIfindex: there?.index } })
    expect(there?.iflink).toBe(dumpAll(home.path).links.find((link) => link.name === 'stay')?.index)
  })

  it('reports ids that come and go', async () => {
    const { nsids, until } = listen()
    const id = idOf(first)
    await until(() => nsids.length === 1)
    expect(nsids).toEqual([{ action: 'new', nsid: id }])
    expect(withNetlink(home.path, NETLINK.ROUTE, listNsids)).toEqual([{ nsid: id }])
    const opened = openNetns(second.path)
    expect(withNetlink(home.path, NETLINK.ROUTE, (socket) => getNsid(socket, opened.fd))).toBeUndefined()
    opened.close()
    first.remove()
    await until(() => nsids.length === 2)
    expect(nsids[1]).toEqual({ action: 'del', nsid: id })
  })

  it('hears nftables and conntrack of another namespace', async () => {
    const id = idOf(first)
    first.ip('link', 'set', 'lo', 'up')
    const { heard, until } = listen()
    first.feed(
      'add table inet t\nadd chain inet t c { type filter hook input priority 0; }\nadd rule inet t c ct state new counter accept comment "hello"\n',
      'nft',
      '-f',
      '-',
    )
    await until(() => heard.some(({ event }) => event.kind === 'nftGeneration'))
    const rule = heard.find(({ event }) => event.kind === 'nftRule')
    expect(rule).toMatchObject({
      nsid: id,
      event: { action: 'new', rule: { table: 't', chain: 'c', comment: 'hello' } },
    })
    first.run('ping', '-w', '5', '-c', '1', '127.0.0.1')
    await until(() => heard.some(({ event }) => event.kind === 'conntrack'))
    const tracked = heard.find(({ event }) => event.kind === 'conntrack')
    expect(tracked).toMatchObject({
      nsid: id,
      event: { action: 'new', entry: { orig: { dst: '127.0.0.1', protocol: 1, icmp: { type: 8 } } } },
    })
    first.run('conntrack', '-D', '-p', 'icmp')
    await until(() => heard.some(({ event }) => event.kind === 'conntrack' && event.action === 'destroy'))
  })

  it('says so when messages were lost, and goes on afterwards', async () => {
    const { heard, losses, until } = listen({ protocols: ['route'], receiveBuffer: 4096 })
    // The event loop stands still while these run, so the small buffer must overflow.
    for (let round = 0; round < 30; round++) home.ip('link', 'add', `x${round}`, 'type', 'bridge')
    await until(() => losses.length > 0)
    expect(losses[0]).toBe('route ENOBUFS')
    expect(heard.length).toBeLessThan(30 * 4)
    heard.length = 0
    home.ip('link', 'del', 'x0')
    await until(() =>
      heard.some(({ event }) => event.kind === 'link' && event.link.name === 'x0' && event.action === 'del'),
    )
  })

  it('adds up: what was there plus every event is what is there', async () => {
    home.run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
    for (const name of BRIDGES) home.ip('link', 'add', name, 'up', 'type', 'bridge')
    const { heard, until } = listen()
    const records = keyedRecords(dumpAll(home.path))
    home.attempt([...churn(), 'link add last type bridge'].join('\n'), 'ip', '-force', '-batch', '-')
    await until(() => heard.some(({ event }) => event.kind === 'link' && event.link.name === 'last'))
    for (const { event } of heard) apply(records, event)
    expect(Object.fromEntries([...records].sort())).toEqual(
      Object.fromEntries([...keyedRecords(dumpAll(home.path))].sort()),
    )
    expect(records.size).toBeGreaterThan(8)
  })

  it('is silent after close', async () => {
    const quiet = listen()
    quiet.events.close()
    quiet.events.close()
    const { heard, until } = listen()
    home.ip('link', 'add', 'late', 'type', 'bridge')
    await until(() => heard.length > 0)
    expect(quiet.heard).toEqual([])
  })
})

const BRIDGES = ['br-a', 'br-b', 'br-c']

/** Adding and deleting of the same few things over and over; what is refused (already there, already gone) does no harm,
 * except to neighbours: "ip -force" ends all the same when one cannot be deleted, so they go with their link. */
function churn(): string[] {
  let state = 42
  const pick = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 16) % below
  }
  return Array.from({ length: 400 }, () => {
    const verb = pick(2) === 0 ? 'add' : 'del'
    const link = BRIDGES[pick(3)]
    const n = pick(8)
    const choices = [
      `addr ${verb} 10.3.0.${n}/24 dev ${link}`,
      `neigh replace 10.3.0.10${n} lladdr 02:00:00:00:00:0${pick(8)} dev ${link} nud permanent`,
      `rule ${verb} priority ${1000 + n} table ${n + 1}`,
      `route ${verb} 10.4.${n}.0/24 dev ${link}`,
      pick(6) === 0 ? `link ${verb} ${link} type bridge` : `link set ${link} up`,
      `link set ${link} alias name-${n}`,
    ]
    return choices[pick(choices.length)] ?? ''
  })
}

function keyedRecords(dump: NetnsDump): Map<string, unknown> {
  const records = new Map<string, unknown>()
  for (const link of dump.links) apply(records, { kind: 'link', action: 'new', link })
  for (const address of dump.addresses) apply(records, { kind: 'address', action: 'new', address })
  for (const neighbour of dump.neighbours) apply(records, { kind: 'neighbour', action: 'new', neighbour })
  for (const rule of dump.rules) apply(records, { kind: 'rule', action: 'new', rule })
  return records
}

/** Keeps what tells records apart and one thing that may change. Not for routes: IPv4 ones go without an event. */
function apply(records: Map<string, unknown>, event: NetlinkEvent): void {
  const put = (key: string, value: unknown) => {
    if (event.action === 'del') records.delete(key)
    else records.set(key, value)
  }
  if (event.kind === 'link') put(`link ${event.link.index}`, `${event.link.name} ${event.link.alias}`)
  else if (event.kind === 'address') put(`address ${event.address.ifindex} ${event.address.local}`, event.address.label)
  else if (event.kind === 'rule') put(`rule ${event.rule.family} ${event.rule.priority} ${event.rule.tableName}`, true)
  else if (event.kind === 'neighbour' && event.neighbour.state[0] === 'PERMANENT') {
    put(`neighbour ${event.neighbour.ifindex} ${event.neighbour.dst}`, event.neighbour.lladdr)
  } else if (event.kind === 'neighbour') records.delete(`neighbour ${event.neighbour.ifindex} ${event.neighbour.dst}`)
}
