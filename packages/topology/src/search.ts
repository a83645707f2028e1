import { type AnyRecord, type HostSnapshot, type RecordKind, recordsOf } from '@hopscope/model'
import { entranceLabel, entrancesOf } from './kinds/published.ts'
import { indexRefs, type NodeOf } from './refs.ts'
import type { RecordRef, Topology } from './topology.ts'

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
export type SearchHit = { ref: RecordRef; nodeId?: string; label: string; detail: string; matched: SearchField }

type Field = { field: SearchField; text: string }
type Entry = {
  ref: RecordRef
  nodeId: string | undefined
  label: string
  detail: string
  fields: Field[]
  weight: number
}
export type SearchIndex = readonly Entry[]

/** Everything that can be found on these hosts, with the node to go to. Rebuild it when the structure changes. */
export function searchIndex(hosts: readonly HostSnapshot[], topology: Topology): SearchIndex {
  const nodeOf = indexRefs(topology, hosts)
  return hosts.flatMap((h) => entriesOf(h, nodeOf))
}

/**
 * What fits all words of a query, best first: whole names before beginnings before parts, containers before links before
 * rules. Words are found in names, addresses, MACs, ports (`:8080`), inodes, ids and the text of rules.
 */
export function searchAll(index: SearchIndex, query: string, limit = 50): SearchHit[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((w) => w !== '')
  if (words.length === 0) return []
  const hits: { entry: Entry; matched: SearchField; score: number; order: number }[] = []
  index.forEach((entry, order) => {
    const found = match(entry, words)
    if (found) hits.push({ entry, matched: found.field, score: found.score + entry.weight, order })
  })
  hits.sort((a, b) => a.score - b.score || a.order - b.order)
  return hits.slice(0, limit).map(({ entry: { ref, nodeId, label, detail }, matched }) => ({
    ref,
    ...(nodeId === undefined ? {} : { nodeId }),
    label,
    detail,
    matched,
  }))
}

/** The score of the worst word, and the field of the first one; undefined when a word is nowhere. */
function match(entry: Entry, words: readonly string[]): { field: SearchField; score: number } | undefined {
  let first: SearchField | undefined
  let total = 0
  for (const word of words) {
    let best = Infinity
    let field: SearchField | undefined
    for (const f of entry.fields) {
      const score = scoreOf(f, word)
      if (score < best) {
        best = score
        field = f.field
      }
    }
    if (field === undefined) return undefined
    first ??= field
    total += best
  }
  return first === undefined ? undefined : { field: first, score: total }
}

function scoreOf({ field, text }: Field, word: string): number {
  const at = text.indexOf(word)
  if (at < 0) return Infinity
  // Half a port or a digit within an address's middle is hardly what was meant; a rule's text is a last resort.
  const late = field === 'rule' ? 30 : field === 'name' || field === 'alias' ? 0 : 5
  if (text.length === word.length) return late
  if (at === 0) return 10 + late
  const before = text.charCodeAt(at - 1)
  return (isWord(before) ? 30 : 20) + late
}

const isWord = (c: number): boolean => (c >= 48 && c <= 57) || (c >= 97 && c <= 122)

type Draft = { label: string; detail: string; weight: number; fields: [SearchField, string | undefined][] }

function entriesOf(h: HostSnapshot, nodeOf: NodeOf): Entry[] {
  const entries: Entry[] = []
  const names = namesOf(h)
  const add = (kind: RecordKind, record: AnyRecord, d: Draft) => {
    const fields = d.fields.flatMap(([field, text]) =>
      text === undefined || text === '' ? [] : [{ field, text: text.toLowerCase() }],
    )
    const ref = { hostId: h.host.id, kind, id: record.id }
    entries.push({ ref, nodeId: nodeOf(ref, record), label: d.label, detail: d.detail, fields, weight: d.weight })
  }
  addContainers(h, add)
  addNamespaces(h, names, add)
  addLinks(h, names, add)
  addRules(h, add)
  return entries
}

type Add = (kind: RecordKind, record: AnyRecord, d: Draft) => void
type Names = { netns: (id: string) => string; link: (netns: string, index: number | undefined) => string }

function addContainers(h: HostSnapshot, add: Add): void {
  for (const c of recordsOf(h, 'container')) {
    const fields: Draft['fields'] = [
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
    for (const e of entrancesOf(c)) {
      for (let i = 0; i < Math.min(e.count, 64); i++) fields.push(['port', `:${e.from + i}`])
      fields.push(['port', entranceLabel(e)])
    }
    add('container', c, { label: c.name, detail: c.image, weight: 0, fields })
  }
  for (const n of recordsOf(h, 'dockerNetwork')) {
    const subnets = n.ipam.flatMap((i) => (i.subnet === undefined ? [] : [i.subnet]))
    const fields: Draft['fields'] = [
      ['name', n.name],
      ['id', n.networkId],
      ['alias', n.bridge],
      ['alias', n.parent],
    ]
    for (const i of n.ipam) fields.push(['address', i.subnet], ['address', i.gateway])
    add('dockerNetwork', n, { label: n.name, detail: [n.driver, ...subnets].join(' · '), weight: 1, fields })
  }
}

function addNamespaces(h: HostSnapshot, names: Names, add: Add): void {
  for (const n of recordsOf(h, 'netns')) {
    const fields: Draft['fields'] = [['inode', `${n.inode}`]]
    for (const x of n.names) fields.push(['name', x.name])
    for (const p of n.processes) fields.push(['process', p.comm], ['process', `${p.pid}`])
    add('netns', n, { label: names.netns(n.id), detail: `net:[${n.inode}]`, weight: 4, fields })
  }
  for (const s of recordsOf(h, 'socket')) {
    const process = s.process === undefined ? undefined : `${s.process.comm} ${s.process.pid}`
    const fields: Draft['fields'] = [
      ['port', `:${s.port}`],
      ['address', s.address],
      ['process', process],
    ]
    const label = `${s.protocol} ${s.address.includes(':') ? `[${s.address}]` : s.address}:${s.port}`
    add('socket', s, { label, detail: [process, names.netns(s.netns)].filter(Boolean).join(' · '), weight: 6, fields })
  }
}

function addLinks(h: HostSnapshot, names: Names, add: Add): void {
  for (const l of recordsOf(h, 'link')) {
    const fields: Draft['fields'] = [
      ['name', l.name],
      ['alias', l.alias],
      ['mac', l.address],
    ]
    if (l.permAddress !== l.address) fields.push(['mac', l.permAddress])
    for (const n of l.altNames) fields.push(['alias', n])
    add('link', l, { label: l.name, detail: names.netns(l.netns), weight: 2, fields })
  }
  for (const a of recordsOf(h, 'address')) {
    const detail = `${names.link(a.netns, a.index)} · ${names.netns(a.netns)}`
    const fields: Draft['fields'] = [
      ['address', a.local],
      ['address', a.peer],
      ['alias', a.label],
    ]
    add('address', a, { label: `${a.local}/${a.prefixLength}`, detail, weight: 3, fields })
  }
  for (const n of recordsOf(h, 'neighbour')) {
    const detail = `${names.link(n.netns, n.index)} · ${names.netns(n.netns)}`
    const fields: Draft['fields'] = [
      ['address', n.address],
      ['mac', n.lladdr],
    ]
    add('neighbour', n, {
      label: n.lladdr === undefined ? n.address : `${n.address} ${n.lladdr}`,
      detail,
      weight: 7,
      fields,
    })
  }
}

function addRules(h: HostSnapshot, add: Add): void {
  for (const r of recordsOf(h, 'route')) {
    // The local table repeats every address.
    if (r.table === 255) continue
    const label = r.gateway === undefined ? r.dst : `${r.dst} → ${r.gateway}`
    const fields: Draft['fields'] = [
      ['route', r.dst],
      ['address', r.gateway],
      ['address', r.prefSrc],
    ]
    add('route', r, { label, detail: `${r.family} ${r.table}`, weight: 7, fields })
  }
  for (const c of recordsOf(h, 'fwChain')) {
    const detail = `${c.family} ${c.table}`
    add('fwChain', c, {
      label: c.chain,
      detail,
      weight: 5,
      fields: [
        ['name', c.chain],
        ['network', c.table],
      ],
    })
  }
  for (const r of recordsOf(h, 'fwRule')) {
    const detail = `${r.family} ${r.table} ${r.chain}`
    add('fwRule', r, {
      label: r.text,
      detail,
      weight: 8,
      fields: [
        ['rule', r.text],
        ['rule', r.comment],
      ],
    })
  }
}

/** What people call namespaces and links. */
function namesOf(h: HostSnapshot): Names {
  const containers = new Map(
    recordsOf(h, 'container').flatMap((c) => (c.netns === undefined ? [] : [[c.netns, c.name] as const])),
  )
  const links = new Map(recordsOf(h, 'link').map((l) => [`${l.netns} ${l.index}`, l.name]))
  const netns = (id: string): string => {
    if (id === h.host.rootNetns) return h.host.name
    const record = h.records.netns[id]
    const process = record?.processes[0]
    const named = record?.names.find((n) => n.by === 'iproute2') ?? record?.names[0]
    return containers.get(id) ?? (named?.by === 'iproute2' || !process ? named?.name : process.comm) ?? id
  }
  return { netns, link: (id, index) => links.get(`${id} ${index}`) ?? `if${index ?? '?'}` }
}
