import {
  type AnyRecord,
  addressId,
  emptySnapshot,
  fdbId,
  type HostInfo,
  type HostSnapshot,
  type Link,
  linkId,
  neighbourId,
  netnsId,
  policyRuleId,
  type RecordKind,
  type RecordOf,
  type Records,
  type Route,
  routeId,
  sysctlId,
} from '@hopscope/model'

/** Collects the records of a made-up host: like a kernel it hands out ifindexes, inodes and MAC addresses. */
export type HostWriter = {
  readonly host: HostInfo
  put<K extends RecordKind>(kind: K, record: RecordOf<K>): void
  random(): number
  pick<T>(list: readonly [T, ...T[]]): T
  hex(digits: number): string
  mac(): string
  nextPid(): number
  nextIndex(): number
  snapshot(): HostSnapshot
}

/** A writer whose every answer follows from `seed`. */
export function hostWriter(host: HostInfo, seed: number): HostWriter {
  // The tables are filled kind by kind through `put`, which ties the record's type to its kind.
  const tables = { ...emptySnapshot(host).records } as unknown as Record<RecordKind, Record<string, AnyRecord>>
  for (const kind of Object.keys(tables) as RecordKind[]) tables[kind] = {}
  let state = (seed * 2654435761 + 12345) >>> 0
  let index = 1
  let pid = 1200
  const random = () => {
    // mulberry32: small, and good enough to draw hosts from.
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
  return {
    host,
    put: (kind, record) => {
      const table: Record<string, AnyRecord> = tables[kind]
      table[record.id] = record
    },
    random,
    // The list is not empty, by its type.
    pick: <T>(list: readonly [T, ...T[]]) => list[Math.floor(random() * list.length)] as T,
    hex,
    mac: () => `02:42:${[hex(2), hex(2), hex(2), hex(2)].join(':')}`,
    nextPid: () => {
      pid += 3 + Math.floor(random() * 40)
      return pid
    },
    nextIndex: () => {
      index += 1
      return index
    },
    snapshot: () => ({ host, records: tables as unknown as Records }), // same tables, seen as what they are again
  }
}

/** A namespace with what every namespace has: lo, its address and routes, policy rules, switches. */
export function addNetns(
  w: HostWriter,
  n: Omit<RecordOf<'netns'>, 'id'> & { forward?: boolean; loDown?: boolean },
): string {
  const { forward = false, loDown = false, ...netns } = n
  const id = netnsId(netns.inode)
  w.put('netns', { id, ...netns })
  addLink(w, {
    netns: id,
    index: 1,
    name: 'lo',
    type: 'loopback',
    address: '00:00:00:00:00:00',
    flags: loDown ? ['LOOPBACK'] : ['LOOPBACK', 'UP', 'LOWER_UP'],
    mtu: 65536,
    qdisc: loDown ? 'noop' : 'noqueue',
    operState: loDown ? 'DOWN' : 'UNKNOWN',
    info: { kind: 'device' },
  })
  if (!loDown) {
    addAddress(w, { netns: id, index: 1, cidr: '127.0.0.1/8', scope: 'host' })
    addRoute(w, {
      netns: id,
      dst: '127.0.0.0/8',
      table: 255,
      type: 'local',
      oif: 1,
      scope: 'host',
      prefSrc: '127.0.0.1',
    })
  }
  for (const [priority, table] of [
    [0, 255],
    [32766, 254],
    [32767, 253],
  ] as const) {
    const rule = { netns: id, family: 'inet' as const, priority, action: 'lookup', table }
    w.put('policyRule', { id: policyRuleId(rule), ...rule })
  }
  const sysctl = { ipForward: forward, ip6Forwarding: false, rpFilterAll: 0, rpFilterDefault: 2, links: {} }
  const brNf = netns.root ? { bridgeNfCallIptables: true, bridgeNfCallIp6tables: true } : {}
  w.put('sysctl', { id: sysctlId(id), netns: id, ...sysctl, ...brNf })
  return id
}

/** A link; everything that is not given is what an ordinary Ethernet link has. */
export function addLink(
  w: HostWriter,
  l: Pick<Link, 'netns' | 'index' | 'name' | 'info'> & Partial<Omit<Link, 'id'>>,
): Link {
  const link: Link = {
    id: linkId(l.netns, l.index),
    altNames: [],
    type: 'ether',
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    mtu: 1500,
    qdisc: 'noqueue',
    txQueueLen: 1000,
    operState: 'UP',
    broadcast: 'ff:ff:ff:ff:ff:ff',
    promiscuity: 0,
    group: 'default',
    ...l,
  }
  w.put('link', link)
  return link
}

/** An address with the local route that the kernel makes for it. */
export function addAddress(w: HostWriter, a: { netns: string; index: number; cidr: string; scope?: string }): void {
  const [local = '', length = '32'] = a.cidr.split('/')
  const address = { netns: a.netns, index: a.index, local, prefixLength: Number(length) }
  const family = local.includes(':') ? ('inet6' as const) : ('inet' as const)
  w.put('address', { id: addressId(address), ...address, family, scope: a.scope ?? 'global', flags: ['permanent'] })
  if (a.scope === undefined)
    addRoute(w, { netns: a.netns, dst: local, table: 255, type: 'local', oif: a.index, scope: 'host', prefSrc: local })
}

/** A route as the kernel or Docker would make it. */
export function addRoute(w: HostWriter, r: Pick<Route, 'netns' | 'dst'> & Partial<Omit<Route, 'id'>>): void {
  const route = {
    family: 'inet' as const,
    type: 'unicast',
    table: 254,
    protocol: r.gateway === undefined ? 'kernel' : 'boot',
    scope: r.gateway === undefined ? 'link' : 'global',
    flags: [],
    ...r,
  }
  w.put('route', { id: routeId(route), ...route })
}

/** An ARP entry. */
export function addNeighbour(
  w: HostWriter,
  n: { netns: string; index: number; address: string; lladdr: string },
): void {
  const neighbour = { ...n, proxy: false }
  const state = w.random() < 0.4 ? ('REACHABLE' as const) : ('STALE' as const)
  w.put('neighbour', {
    id: neighbourId(neighbour),
    ...neighbour,
    family: 'inet',
    state,
    router: false,
    externLearn: false,
  })
}

/** A line of a CAM table. */
export function addFdb(
  w: HostWriter,
  f: Pick<RecordOf<'fdb'>, 'netns' | 'index' | 'mac' | 'state' | 'self'> & Partial<RecordOf<'fdb'>>,
): void {
  w.put('fdb', { externLearn: false, sticky: false, ...f, id: fdbId(f) })
}
