import { z } from 'zod'
import { bridgeIdentity, fact } from './comparable.ts'

/** A namespace, and its links' indexes by name, for the programs print names. */
export type Place = { inode: number; index: Map<string, number> }

const s = z.string()
const n = z.number()
const loose = z.record(s, z.unknown())
const linkJson = z.looseObject({
  ifindex: n,
  ifname: s,
  link: s.nullish(),
  link_index: n.optional(),
  flags: z.array(s),
  mtu: n,
  qdisc: s,
  master: s.optional(),
  operstate: s,
  group: s.optional(),
  txqlen: n.optional(),
  address: s.optional(),
  broadcast: s.optional(),
  promiscuity: n,
  ifalias: s.optional(),
  altnames: z.array(s).optional(),
  linkinfo: z
    .looseObject({
      info_kind: s.optional(),
      info_data: loose.optional(),
      info_slave_kind: s.optional(),
      info_slave_data: loose.optional(),
    })
    .optional(),
  addr_info: z.array(
    z.looseObject({
      family: s,
      local: s,
      prefixlen: n,
      scope: s,
      label: s.optional(),
      broadcast: s.optional(),
      address: s.optional(),
      secondary: z.boolean().optional(),
    }),
  ),
})

export function linksOf({ inode, index }: Place, raw: unknown): string[] {
  return z
    .array(linkJson)
    .parse(raw)
    .map((l) => {
      const info = l.linkinfo
      return fact(`${inode} ${l.ifindex}`, {
        name: l.ifname,
        flags: l.flags
          .filter((f) => f !== 'NO-CARRIER' && f !== 'M-DOWN')
          .sort()
          .join(),
        mtu: l.mtu,
        qdisc: l.qdisc,
        txqlen: l.txqlen ?? 0,
        operstate: l.operstate,
        address: l.address,
        promiscuity: l.promiscuity,
        group: l.group,
        alias: l.ifalias,
        altnames: l.altnames?.join(),
        master: l.master && index.get(l.master),
        // Of a link in another namespace than its maker's, the kernel names an index in any case, if need be its own.
        iflink: l.link_index === l.ifindex ? undefined : (l.link_index ?? (l.link ? index.get(l.link) : undefined)),
        kind: info?.info_kind,
        ...kindFacts(info?.info_kind, info?.info_data ?? {}, index),
        ...(info?.info_slave_kind === 'bridge' && portFacts(info.info_slave_data ?? {})),
      })
    })
}

function kindFacts(
  kind: string | undefined,
  d: Record<string, unknown>,
  index: Map<string, number>,
): Record<string, unknown> {
  if (kind === 'bridge') {
    return {
      bridgeId: bridgeIdentity(String(d.bridge_id)),
      rootId: bridgeIdentity(String(d.root_id)),
      stp: Boolean(d.stp_state),
      ageing: Number(d.ageing_time) / 100,
      priority: d.priority,
      vlanFiltering: Boolean(d.vlan_filtering),
    }
  }
  if (kind === 'macvlan') return { mode: d.mode }
  if (kind === 'vxlan') {
    const underlay = typeof d.link === 'string' ? index.get(d.link) : d.link_index
    return { vni: d.id, remote: d.remote, local: d.local, port: d.port, learning: d.learning, underlay }
  }
  if (kind === 'tun') return { type: d.type, persist: d.persist }
  return {}
}

function portFacts(d: Record<string, unknown>): Record<string, unknown> {
  return {
    portState: d.state,
    cost: d.cost,
    portPriority: d.priority,
    hairpin: d.hairpin,
    guard: d.guard,
    learningPort: d.learning,
    flood: d.flood,
    isolated: d.isolated,
  }
}

export function addressesOf({ inode }: Place, raw: unknown): string[] {
  return z
    .array(linkJson)
    .parse(raw)
    .flatMap((l) =>
      l.addr_info.map((a) =>
        fact(`${inode} ${l.ifindex} ${a.local}/${a.prefixlen}`, {
          family: a.family,
          scope: a.scope,
          label: a.label,
          broadcast: a.broadcast,
          peer: a.address,
          secondary: a.secondary === true ? true : undefined,
        }),
      ),
    )
}

const routeJson = z.looseObject({
  type: s.optional(),
  dst: s,
  from: s.optional(),
  gateway: s.optional(),
  via: z.looseObject({ host: s }).optional(),
  dev: s.optional(),
  table: s.optional(),
  protocol: s.optional(),
  scope: s.optional(),
  prefsrc: s.optional(),
  metric: n.optional(),
  flags: z.array(s).optional(),
  nexthops: z.array(z.looseObject({ gateway: s.optional(), dev: s.optional(), weight: n.optional() })).optional(),
})

export function routesOf({ inode, index }: Place, family: '-4' | '-6', raw: unknown): string[] {
  return z
    .array(routeJson)
    .parse(raw)
    .map((r) =>
      fact(`${inode} ${family}`, {
        type: r.type ?? 'unicast',
        dst: r.dst,
        src: r.from,
        gateway: r.gateway ?? r.via?.host,
        oif: r.dev && index.get(r.dev),
        table: tableNumber(r.table ?? 'main'),
        protocol: r.protocol,
        scope: r.scope,
        prefsrc: r.prefsrc,
        metric: r.metric || undefined,
        flags: r.flags?.join(),
        nexthops: r.nexthops?.map((h) => `${h.gateway ?? ''}@${h.dev ? index.get(h.dev) : ''}*${h.weight ?? 1}`).join(),
      }),
    )
}

const ruleJson = z.looseObject({
  priority: n,
  not: z.unknown().optional(),
  src: s,
  srclen: n.optional(),
  dst: s.optional(),
  dstlen: n.optional(),
  iif: s.optional(),
  oif: s.optional(),
  fwmark: s.optional(),
  table: s.optional(),
  action: s.optional(),
})

export function rulesOf({ inode }: Place, family: '-4' | '-6', raw: unknown): string[] {
  const prefix = (address: string | undefined, length: number | undefined) =>
    address === undefined || address === 'all' ? undefined : length === undefined ? address : `${address}/${length}`
  return z
    .array(ruleJson)
    .parse(raw)
    .map((r) =>
      fact(`${inode} ${family} ${r.priority}`, {
        src: prefix(r.src, r.srclen),
        dst: prefix(r.dst, r.dstlen),
        iif: r.iif,
        oif: r.oif,
        fwmark: r.fwmark && Number(r.fwmark),
        table: r.table && tableNumber(r.table),
        action: r.action && r.action !== 'to_tbl' ? r.action : undefined,
      }),
    )
}

const tableNumber = (name: string): number => ({ main: 254, local: 255, default: 253 })[name] ?? Number(name)

const neighbourJson = z.looseObject({ dst: s, dev: s, lladdr: s.optional(), state: z.array(s).optional() })

export function neighboursOf({ inode, index }: Place, raw: unknown): string[] {
  return z
    .array(neighbourJson)
    .parse(raw)
    .map((x) => fact(`${inode} ${index.get(x.dev)} ${x.dst}`, { lladdr: x.lladdr, state: x.state?.[0] }))
}

export function proxiesOf({ inode, index }: Place, raw: unknown): string[] {
  return z
    .array(neighbourJson.partial({ dev: true }))
    .parse(raw)
    .map((x) => fact(`${inode} ${x.dev ? index.get(x.dev) : 0} ${x.dst}`, { proxy: true }))
}

const fdbJson = z.looseObject({
  mac: s,
  ifname: s.optional(),
  master: s.optional(),
  vlan: n.optional(),
  dst: s.optional(),
  state: s.optional(),
  flags: z.array(s),
})

/** The CAM table proper: what a bridge learned or was given, and a vxlan's own entries. A device's filter list is none of it. */
export function fdbOf({ inode, index }: Place, raw: unknown): string[] {
  return z
    .array(fdbJson)
    .parse(raw)
    .filter((x) => x.master !== undefined || x.dst !== undefined)
    .map((x) =>
      fact(`${inode} ${x.ifname ? index.get(x.ifname) : ''} ${x.mac}`, {
        master: x.master && index.get(x.master),
        vlan: x.vlan,
        dst: x.dst,
        state: x.state === 'permanent' ? 'permanent' : x.state === 'static' ? 'static' : 'learned',
      }),
    )
}
