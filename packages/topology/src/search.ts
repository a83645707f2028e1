import { type HostSnapshot, visible } from '@hopscope/model'
import { type Finding, findingsOf, namesIn, type SearchField } from './findings.ts'
import { indexRefs, type NodeOf } from './refs.ts'
import type { RecordRef, Topology } from './topology.ts'

export type { SearchField }

export type SearchHit = {
  ref: RecordRef
  /** The node it belongs to, and whether that node is the record's own: routes and rules are on no map. */
  nodeId?: string
  onMap: boolean
  label: string
  detail: string
  /** The host, and the namespace of it when it is not the root one. */
  host: string
  place?: string
  /** What the first word was found in, and the text of it. */
  matched: SearchField
  text: string
}

type Field = { field: SearchField; text: string; lower: string }
type Entry = {
  hit: Omit<SearchHit, 'matched' | 'text'>
  fields: Field[]
  /** All fields at once: most entries hold no word of a query. */
  all: string
  weight: number
}
export type SearchIndex = readonly Entry[]
export type SearchEntry = Entry

/** Everything that can be found on these hosts, with the node to go to. Rebuild it when a snapshot changes. */
export const searchIndex = (hosts: readonly HostSnapshot[], topology: Topology): SearchIndex => [
  ...searchEntries(hosts, topology),
]

/** The entries of `searchIndex`, one after the other: of a large host, all of them at once would be a long turn. */
export function* searchEntries(hosts: readonly HostSnapshot[], topology: Topology): Generator<SearchEntry> {
  const nodeOf = indexRefs(topology, hosts)
  for (const h of hosts) {
    const { netns } = namesIn(h)
    for (const finding of findingsOf(h)) yield entryOf(finding, { h, nodeOf, netns })
  }
}

type Around = { h: HostSnapshot; nodeOf: NodeOf; netns: (id: string) => string }

function entryOf(f: Finding, { h, nodeOf, netns }: Around): Entry {
  const ref = { hostId: h.host.id, kind: f.kind, id: f.record.id }
  const nodeId = nodeOf(ref, f.record)
  const place = f.netns === undefined || f.netns === h.host.rootNetns ? undefined : netns(f.netns)
  const said = {
    label: visible(f.label),
    detail: visible(f.detail),
    host: visible(h.host.name),
    ...(place === undefined ? {} : { place: visible(place) }),
  }
  const hit = { ref, ...(nodeId === undefined ? {} : { nodeId }), onMap: nodeOf(ref) !== undefined, ...said }
  const fields = fieldsOf(f)
  return { hit, fields, all: fields.map((x) => x.lower).join('\n'), weight: f.weight }
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
  const found: { entry: Entry; field: Field; score: number; order: number }[] = []
  index.forEach((entry, order) => {
    const match = words.every((w) => entry.all.includes(w)) ? matchOf(entry, words) : undefined
    if (match) found.push({ entry, field: match.field, score: match.score + entry.weight, order })
  })
  found.sort((a, b) => a.score - b.score || a.order - b.order)
  return found
    .slice(0, limit)
    .map(({ entry, field }) => ({ ...entry.hit, matched: field.field, text: visible(field.text) }))
}

const fieldsOf = (f: Finding): Field[] =>
  f.fields.flatMap(([field, text]) =>
    text === undefined || text === '' ? [] : [{ field, text, lower: text.toLowerCase() }],
  )

/** The scores of all words together, and the field of the first one; undefined when a word is nowhere. */
function matchOf(entry: Entry, words: readonly string[]): { field: Field; score: number } | undefined {
  let first: Field | undefined
  let total = 0
  for (const word of words) {
    let best = Infinity
    let field: Field | undefined
    for (const f of entry.fields) {
      const score = scoreOf(f, word)
      if (score < best) {
        best = score
        field = f
      }
    }
    if (field === undefined) return undefined
    first ??= field
    total += best
  }
  return first === undefined ? undefined : { field: first, score: total }
}

function scoreOf({ field, lower }: Field, word: string): number {
  const at = lower.indexOf(word)
  if (at < 0) return Infinity
  // Half a port or a digit within an address's middle is hardly what was meant; a rule's text is a last resort.
  const late = field === 'rule' ? 30 : field === 'name' || field === 'alias' ? 0 : 5
  if (lower.length === word.length) return late
  if (at === 0) return 10 + late
  const before = lower.charCodeAt(at - 1)
  return (isWord(before) ? 30 : 20) + late
}

const isWord = (c: number): boolean => (c >= 48 && c <= 57) || (c >= 97 && c <= 122)
