import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withoutRoot } from '../../test/netns.ts'
import { makeScene, type Scene } from '../../test/scene.ts'
import { sameMoment } from '../../test/stable.ts'
import { dumpAll, type NetnsDump } from '../dumpAll.ts'
import { NETLINK, withNetlink } from '../socket.ts'
import { type Address, dumpAddresses } from './addresses.ts'
import { dumpFdb, type FdbEntry } from './fdb.ts'
import { dumpNeighbours, type Neighbour } from './neighbours.ts'
import { dumpNetconf } from './netconf.ts'
import { dumpRoutes, type Route } from './routes.ts'
import type { PolicyRule } from './rules.ts'

type Json = Record<string, unknown>
type IpAddress = Json & { local: string }
type Name = (index: number | undefined) => string | undefined

describe.skipIf(withoutRoot)('tables against ip -j and bridge -j', () => {
  let scene: Scene
  beforeAll(() => {
    scene = makeScene()
  })
  afterAll(() => scene.remove())

  /** A program's rows and ours, of one moment and without undefined values. */
  function compare(
    program: () => Json[],
    ours: (dump: NetnsDump, name: Name) => Json[],
  ): { theirs: Json[]; mine: Json[] } {
    const both = sameMoment(program, () => dumpAll(scene.netns.path))
    const { links, tally } = both.ours
    expect(tally.truncated).toBe(0)
    const name = (index: number | undefined) => links.find((link) => link.index === index)?.name
    // The same rows, without the undefined values.
    return { theirs: both.program, mine: JSON.parse(JSON.stringify(ours(both.ours, name))) as Json[] }
  }

  it('addresses', () => {
    const rows = (links: (Json & { ifname: string; addr_info: IpAddress[] })[]) =>
      links.flatMap((link) => link.addr_info.map((address) => ({ ifname: link.ifname, ...address })))
    const { theirs, mine } = compare(
      () => rows(scene.netns.json('ip', '-j', '-d', 'addr')),
      (dump, name) =>
        dump.addresses.map((address) => ({ ifname: name(address.ifindex), ...addressAsIpPrints(address) })),
    )
    expect(theirs.length).toBeGreaterThan(8)
    expect(sorted(mine)).toEqual(sorted(theirs))
  })

  it.each([
    ['inet', '-4'],
    ['inet6', '-6'],
  ])('routes of %s', (family, option) => {
    const { theirs, mine } = compare(
      () => scene.netns.json('ip', option, '-j', '-d', 'route', 'show', 'table', 'all'),
      (dump, name) =>
        dump.routes.filter((route) => route.family === family).map((route) => routeAsIpPrints(route, name)),
    )
    expect(theirs.length).toBeGreaterThan(10)
    expect(sorted(mine)).toEqual(sorted(theirs))
  })

  it.each([
    ['inet', '-4'],
    ['inet6', '-6'],
  ])('policy rules of %s', (family, option) => {
    const { theirs, mine } = compare(
      () => scene.netns.json('ip', option, '-j', '-d', 'rule'),
      (dump) => dump.rules.filter((rule) => rule.family === family).map(ruleAsIpPrints),
    )
    expect(theirs.length).toBeGreaterThan(2)
    expect(mine).toEqual(theirs)
  })

  it('neighbours', () => {
    const { theirs, mine } = compare(
      () => scene.netns.json('ip', '-j', '-s', 'neigh', 'show', 'nud', 'all'),
      (dump, name) => dump.neighbours.map((neighbour) => neighbourAsIpPrints(neighbour, name)),
    )
    expect(theirs.length).toBeGreaterThan(3)
    // Ages are rounded at different moments of the same second.
    expect(sorted(mine.map(withoutAges))).toEqual(sorted(theirs.map(withoutAges)))
    for (const row of mine) expect(row.confirmed).toBeLessThan(600)
  })

  it('forwarding databases', () => {
    const { theirs, mine } = compare(
      () => scene.netns.json('bridge', '-j', '-s', '-d', 'fdb'),
      (dump, name) => dump.fdb.map((entry) => fdbAsBridgePrints(entry, name)),
    )
    expect(theirs.length).toBeGreaterThan(10)
    expect(sorted(mine.map(withoutAges))).toEqual(sorted(theirs.map(withoutAges)))
  })

  it('forwarding switches', () => {
    const { links } = dumpAll(scene.netns.path)
    const mine = withNetlink(scene.netns.path, NETLINK.ROUTE, dumpNetconf).map((netconf) => ({
      family: netconf.family,
      interface: links.find((link) => link.index === netconf.ifindex)?.name ?? netconf.ifindex,
      forwarding: netconf.forwarding,
      ...(netconf.rpFilter === undefined ? {} : { rp_filter: ['off', 'strict', 'loose'][netconf.rpFilter] }),
      mc_forwarding: netconf.mcForwarding,
      proxy_neigh: netconf.proxyNeigh,
      ignore_routes_with_linkdown: netconf.ignoreRoutesWithLinkdown,
    }))
    expect(sorted(mine)).toEqual(sorted(scene.netns.json('ip', '-j', 'netconf')))
  })

  it('filters in the kernel', () => {
    withNetlink(scene.netns.path, NETLINK.ROUTE, (socket) => {
      const all = dumpAll(scene.netns.path)
      const bridge = all.links.find((link) => link.name === 'br0')?.index ?? 0
      expect(dumpRoutes(socket, { table: 100 }).map((route) => route.dst)).toEqual(['10.20.0.0/16'])
      expect(dumpRoutes(socket, { table: 4321 })).toEqual([])
      expect(dumpAddresses(socket, { ifindex: bridge })).toEqual(all.addresses.filter((a) => a.ifindex === bridge))
      expect(dumpAddresses(socket, { ifindex: 4_000_000 })).toEqual([])
      expect(dumpNeighbours(socket, { ifindex: bridge }).length).toBe(
        all.neighbours.filter((n) => n.ifindex === bridge).length,
      )
      const port = all.links.find((link) => link.name === 'v0')?.index ?? 0
      expect(dumpFdb(socket, { ifindex: port })).toHaveLength(all.fdb.filter((entry) => entry.ifindex === port).length)
      expect(dumpFdb(socket, { master: 4_000_000 })).toEqual([])
      expect(dumpFdb(socket, { master: bridge }).map((entry) => entry.mac)).toContain('02:00:00:00:00:cc')
      expect(dumpFdb(socket, { master: bridge }).every((entry) => entry.master === bridge)).toBe(true)
    })
  })
})

/** The order of rows with equal keys is the kernel's; of differing programs it is nobody's. */
function sorted(rows: Json[]): Json[] {
  const key = (row: Json) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

function withoutAges(row: Json): Json {
  const { used, updated, confirmed, ...rest } = row
  return rest
}

function addressAsIpPrints(address: Address): Json {
  const flags = address.flagNames.filter((flag) => flag !== 'permanent')
  if (!address.flagNames.includes('permanent')) flags.push('dynamic')
  return {
    family: address.family,
    local: address.local,
    address: address.peer,
    prefixlen: address.prefixlen,
    broadcast: address.broadcast,
    scope: address.scope,
    label: address.label,
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    valid_life_time: address.validLifetime,
    preferred_life_time: address.preferredLifetime,
  }
}

function routeAsIpPrints(route: Route, name: Name): Json {
  return {
    type: route.type,
    dst: route.dst,
    gateway: route.gateway,
    via: route.via,
    dev: name(route.oif),
    table: route.tableName,
    protocol: route.protocol,
    scope: route.scope,
    prefsrc: route.prefsrc,
    metric: route.metric,
    flags: route.flags,
    metrics: route.mtu === undefined ? undefined : [{ mtu: route.mtu }],
    expires: route.expires,
    pref: route.pref,
    nexthops: route.nexthops?.map((hop) => ({
      gateway: hop.gateway,
      dev: name(hop.oif),
      weight: hop.weight,
      flags: hop.flags,
    })),
  }
}

function ruleAsIpPrints(rule: PolicyRule): Json {
  const [src, srclen] = rule.src.split('/')
  const [dst, dstlen] = rule.dst.split('/')
  return {
    priority: rule.priority,
    ...(rule.invert ? { not: null } : {}),
    src,
    srclen: srclen && Number(srclen),
    ...(rule.dst === 'all' ? {} : { dst, dstlen: dstlen && Number(dstlen) }),
    fwmark: rule.fwmark && `0x${rule.fwmark.toString(16)}`,
    fwmask: rule.fwmark && `0x${rule.fwmask?.toString(16)}`,
    iif: rule.iif,
    oif: rule.oif,
    uid_start: rule.uidrange?.start,
    uid_end: rule.uidrange?.end,
    ipproto: rule.ipproto === 6 ? 'tcp' : rule.ipproto,
    ...(rule.sport ? { sport: rule.sport.start } : {}),
    ...(rule.dport ? { dport_start: rule.dport.start, dport_end: rule.dport.end } : {}),
    table: rule.action === 'to_tbl' ? rule.tableName : undefined,
    suppress_prefixlen: rule.suppressPrefixlength,
    goto: rule.goto,
    action: ['to_tbl', 'goto'].includes(rule.action) ? undefined : rule.action,
    protocol: rule.protocol,
  }
}

function neighbourAsIpPrints(neighbour: Neighbour, name: Name): Json {
  return {
    dst: neighbour.dst,
    dev: name(neighbour.ifindex),
    lladdr: neighbour.lladdr,
    ...Object.fromEntries(neighbour.flags.map((flag) => [flag, null])),
    used: neighbour.used,
    confirmed: neighbour.confirmed,
    updated: neighbour.updated,
    refcnt: neighbour.refcnt || undefined,
    probes: neighbour.probes,
    state: neighbour.state,
  }
}

function fdbAsBridgePrints(entry: FdbEntry, name: Name): Json {
  return {
    mac: entry.mac,
    ifname: name(entry.ifindex),
    dst: entry.dst,
    port: entry.port,
    vni: entry.vni,
    viaIf: name(entry.linkIfindex),
    used: entry.used,
    updated: entry.updated,
    flags: entry.flags,
    master: name(entry.master),
    state: entry.state === 'reachable' ? '' : entry.state,
  }
}
