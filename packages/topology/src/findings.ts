import type { AnyRecord, HostSnapshot, RecordKind } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { entranceLabel, entrancesOf } from './kinds/published.ts'
import { ownPortsIn } from './ownPorts.ts'

/** What a query was found in. */
export type SearchField =
  | 'name'
  | 'alias'
  | 'address'
  | 'mac'
  | 'port'
  | 'inode'
  | 'id'
  | 'image'
  | 'process'
  | 'network'
  | 'route'
  | 'rule'

/** What is said of a record, and everything it is found by. `netns` is where it is, unless it stands for itself. */
export type Finding = {
  kind: RecordKind
  record: AnyRecord
  label: string
  detail: string
  /** Lower is better, among equal matches. */
  weight: number
  netns?: string
  fields: (readonly [SearchField, string | undefined])[]
}

type Names = { netns: (id: string) => string; link: (netns: string, index: number | undefined) => string }

/** Everything of a host that can be looked for, one after the other; containers and networks by name. */
export function* findingsOf(h: HostSnapshot): Generator<Finding> {
  const names = namesIn(h)
  yield* containersOf(h)
  yield* networksOf(h)
  yield* namespacesOf(h, names)
  yield* socketsOf(h)
  yield* linksOf(h, names)
  yield* routesOf(h, names)
  yield* firewallOf(h)
}

const natural = new Intl.Collator('en', { numeric: true }).compare

function* containersOf(h: HostSnapshot): Generator<Finding> {
  const own = ownPortsIn(h).map(({ port }) => port)
  for (const c of recordsOf(h, 'container').sort((a, b) => natural(a.name, b.name))) {
    const fields: Finding['fields'] = [
      ['name', c.name],
      ['id', c.containerId],
      ['image', c.image],
      ['alias', c.hostname === c.containerId.slice(0, 12) ? undefined : c.hostname],
      ['process', c.pid === undefined ? undefined : `${c.pid}`],
    ]
    for (const a of c.attachments) {
      fields.push(['address', a.ip], ['address', a.ip6], ['mac', a.mac], ['network', a.network])
      for (const alias of a.aliases) if (alias !== c.name) fields.push(['alias', alias])
    }
    for (const e of entrancesOf(c, own)) {
      for (let i = 0; i < Math.min(e.count, 64); i++) fields.push(['port', `:${e.from + i}`])
      fields.push(['port', entranceLabel(e)])
    }
    yield { kind: 'container', record: c, label: c.name, detail: c.image, weight: 0, fields }
  }
}

function* networksOf(h: HostSnapshot): Generator<Finding> {
  for (const n of recordsOf(h, 'dockerNetwork').sort((a, b) => natural(a.name, b.name))) {
    const fields: Finding['fields'] = [
      ['name', n.name],
      ['id', n.networkId],
      ['alias', n.bridge],
      ['alias', n.parent],
    ]
    for (const i of n.ipam) fields.push(['address', i.subnet], ['address', i.gateway])
    const detail = [n.driver, ...n.ipam.flatMap((i) => i.subnet ?? [])].join(' · ')
    yield { kind: 'dockerNetwork', record: n, label: n.name, detail, weight: 1, fields }
  }
}

function* namespacesOf(h: HostSnapshot, names: Names): Generator<Finding> {
  for (const n of recordsOf(h, 'netns')) {
    const fields: Finding['fields'] = [['inode', `${n.inode}`]]
    // A host is found as what stands for it: its IP stack.
    if (n.root) fields.push(['name', h.host.name])
    for (const x of n.names) fields.push(['name', x.name])
    for (const p of n.processes) fields.push(['process', p.comm], ['process', `${p.pid}`])
    yield { kind: 'netns', record: n, label: names.netns(n.id), detail: `net:[${n.inode}]`, weight: 4, fields }
  }
}

function* socketsOf(h: HostSnapshot): Generator<Finding> {
  for (const s of recordsOf(h, 'socket')) {
    const process = s.process === undefined ? undefined : `${s.process.comm} ${s.process.pid}`
    const fields: Finding['fields'] = [
      ['port', `:${s.port}`],
      ['address', s.address],
      ['process', process],
    ]
    const label = `${s.protocol} ${s.address.includes(':') ? `[${s.address}]` : s.address}:${s.port}`
    yield { kind: 'socket', record: s, netns: s.netns, label, detail: process ?? '', weight: 6, fields }
  }
}

function* linksOf(h: HostSnapshot, names: Names): Generator<Finding> {
  for (const l of recordsOf(h, 'link')) {
    const fields: Finding['fields'] = [
      ['name', l.name],
      ['alias', l.alias],
      ['mac', l.address],
    ]
    if (l.permAddress !== l.address) fields.push(['mac', l.permAddress])
    for (const n of l.altNames) fields.push(['alias', n])
    yield { kind: 'link', record: l, netns: l.netns, label: l.name, detail: l.address ?? '', weight: 2, fields }
  }
  for (const a of recordsOf(h, 'address')) {
    const fields: Finding['fields'] = [
      ['address', a.local],
      ['address', a.peer],
      // The kernel repeats the link's name here.
      ['alias', a.label === names.link(a.netns, a.index) ? undefined : a.label],
    ]
    const said = { label: `${a.local}/${a.prefixLength}`, detail: names.link(a.netns, a.index) }
    yield { kind: 'address', record: a, netns: a.netns, ...said, weight: 3, fields }
  }
  for (const n of recordsOf(h, 'neighbour')) {
    const fields: Finding['fields'] = [
      ['address', n.address],
      ['mac', n.lladdr],
    ]
    const label = n.lladdr === undefined ? n.address : `${n.address} ${n.lladdr}`
    const detail = names.link(n.netns, n.index)
    yield { kind: 'neighbour', record: n, netns: n.netns, label, detail, weight: 7, fields }
  }
}

function* routesOf(h: HostSnapshot, names: Names): Generator<Finding> {
  for (const r of recordsOf(h, 'route')) {
    // The local table repeats every address.
    if (r.table === 255) continue
    const label = r.gateway === undefined ? r.dst : `${r.dst} → ${r.gateway}`
    const fields: Finding['fields'] = [
      ['route', r.dst],
      ['address', r.gateway],
      ['address', r.prefSrc],
    ]
    const detail = r.oif === undefined ? r.type : names.link(r.netns, r.oif)
    yield { kind: 'route', record: r, netns: r.netns, label, detail, weight: 7, fields }
  }
}

function* firewallOf(h: HostSnapshot): Generator<Finding> {
  for (const c of recordsOf(h, 'fwChain')) {
    const detail = `${c.family} ${c.table}`
    const fields: Finding['fields'] = [
      ['name', c.chain],
      ['network', c.table],
    ]
    yield { kind: 'fwChain', record: c, netns: c.netns, label: c.chain, detail, weight: 5, fields }
  }
  for (const r of recordsOf(h, 'fwRule')) {
    const detail = `${r.family} ${r.table} ${r.chain}`
    const fields: Finding['fields'] = [
      ['rule', r.text],
      ['rule', r.comment],
    ]
    yield { kind: 'fwRule', record: r, netns: r.netns, label: r.text, detail, weight: 8, fields }
  }
}

/** What people call a host's namespaces and links. */
export function namesIn(h: HostSnapshot): Names {
  const containers = new Map(
    recordsOf(h, 'container').flatMap((c) => (c.netns === undefined ? [] : [[c.netns, c.name] as const])),
  )
  const links = new Map(recordsOf(h, 'link').map((l) => [`${l.netns} ${l.index}`, l.name]))
  const netns = (id: string): string => {
    if (id === h.host.rootNetns) return h.host.name
    const record = h.records.netns[id]
    const process = record?.processes[0]
    const named = record?.names.find((n) => n.by === 'iproute2') ?? record?.names[0]
    return (
      containers.get(id) ??
      (named?.by === 'iproute2' || !process ? named?.name : `${process.comm} ${process.pid}`) ??
      id
    )
  }
  return { netns, link: (id, index) => links.get(`${id} ${index}`) ?? `if${index ?? '?'}` }
}
