import type { FwSet, FwSets } from '@hopscope/model'
import { tableKey } from './netfilterDialect.ts'

/** Elements of a table's sets that are told of, all of them together: a list of blocked addresses may have a hundred thousand. */
const MOST_ELEMENTS = 1_000

/** The named sets and maps of "nft -a -s list ruleset", by `tableKey` of the tables that have any. */
export function parseNftSets(listing: string): Map<string, FwSets> {
  const tables = new Map<string, FwSets>()
  let at: Listed | undefined
  const end = () => {
    if (at && at.blocks.length > 0) tables.set(at.key, setsOf(at))
  }
  for (const line of listing.split('\n')) {
    const table = /^table (\S+) (\S+) \{/.exec(line)
    if (table) {
      end()
      at = { key: tableKey({ family: table[1] ?? '', name: table[2] ?? '' }), blocks: [], changed: new Set() }
    } else if (at) readLine(line, at)
  }
  end()
  return tables
}

type Block = { kind: FwSet['kind']; name: string; lines: string[] }
/** A table with its sets, and the names of those that its rules change. */
type Listed = { key: string; blocks: Block[]; changed: Set<string>; open?: Block | undefined }

function readLine(line: string, at: Listed): void {
  const [, kind, name = ''] = /^\t(set|map) (\S+) \{/.exec(line) ?? []
  if (kind === 'set' || kind === 'map') {
    at.open = { kind, name, lines: [] }
    at.blocks.push(at.open)
  } else if (line === '\t}') at.open = undefined
  else if (at.open) at.open.lines.push(line.trim())
  else for (const [, changed = ''] of line.matchAll(/\b(?:add|update|delete) @(\S+)/g)) at.changed.add(changed)
}

function setsOf({ blocks, changed }: Listed): FwSets {
  let room = MOST_ELEMENTS
  const sets = blocks.map(({ kind, name, lines }): [string, FwSet] => {
    const said = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    const flags = said('flags')?.split(',') ?? []
    const type = said('type') ?? said('typeof') ?? ''
    if (changed.has(name) || flags.includes('dynamic') || flags.includes('timeout'))
      return [name, { kind, type, flags, elements: { kind: 'changing' } }]
    const all = elementsOf(lines)
    if (all.length > room) return [name, { kind, type, flags, elements: { kind: 'tooMany', count: all.length } }]
    room -= all.length
    // In an order of their own: the kernel's changes when it makes room for more.
    const elements = all.map((element) => element.trim().replace(COUNTER, '$1')).sort(inOrder)
    return [name, { kind, type, flags, elements: { kind: 'all', all: elements } }]
  })
  return Object.fromEntries(sets)
}

const inOrder = new Intl.Collator('en', { numeric: true }).compare

/** Without their numbers they tell nothing. A comment may speak of them. */
const COUNTER = /^((?:[^"]|"[^"]*")*?) counter(?= |$)/

function elementsOf(lines: readonly string[]): string[] {
  const start = lines.findIndex((line) => line.startsWith('elements = {'))
  if (start < 0) return []
  const text = lines
    .slice(start)
    .join(' ')
    .replace(/^elements = \{/, '')
    .replace(/\}$/, '')
  return text.match(/(?:[^,"]|"[^"]*")+/g) ?? []
}
