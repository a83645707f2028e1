import { type FwChain, type FwRule, type FwSet, type FwTable, fwChainId, recordsOf } from '@hopscope/model'
import { netnsPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { type Column, defineTable } from '../table.ts'
import { type Part, tag, type Value, word } from '../value.ts'

/** Every rule of every chain. Same as `iptables-save -c`, `iptables-legacy-save -c` and `nft -a list ruleset`. */
export const firewallRules = defineTable<FwRule>({
  id: 'firewallRules',
  theme: 'firewall',
  icon: 'stack',
  topic: 'rules',
  sources: ['nftables', 'iptablesLegacy'],
  order: ['namespace', 'engine', 'family', 'table', 'chain', 'position'],
  records: (s) => recordsOf(s.snapshot, 'fwRule'),
  ref: (r) => ({ kind: 'fwRule', id: r.id }),
  columns: [
    { id: 'chain', kind: 'code', width: 230, value: (r, s) => chainPart(r, s) },
    { id: 'position', kind: 'number', width: 56, value: (r) => r.position },
    { id: 'table', kind: 'code', width: 80, value: (r) => r.table },
    { id: 'matches', kind: 'code', width: 360, grow: true, value: (r) => matchText(r) || word('everyPacket') },
    { id: 'target', kind: 'code', width: 240, value: targetValue },
    ...ruleCounters(),
    { id: 'comment', kind: 'words', width: 140, value: (r) => r.comment },
    { id: 'engine', kind: 'marks', width: 80, value: (r) => tag(r.engine, r.engine === 'legacy' ? 'warn' : 'stack') },
    { id: 'family', kind: 'code', width: 72, value: (r) => r.family },
    { id: 'namespace', kind: 'words', width: 150, value: (r, s) => netnsPart(s, r.netns) },
    { id: 'rule', kind: 'code', width: 360, extra: true, value: (r) => r.text },
    { id: 'handle', kind: 'number', width: 76, extra: true, value: (r) => (r.engine === 'nft' ? r.handle : undefined) },
  ],
})

/** Every chain; a base chain says where packets meet it. Same as `nft list chains`. */
export const firewallChains = defineTable<FwChain>({
  id: 'firewallChains',
  theme: 'firewall',
  icon: 'stack',
  sources: ['nftables', 'iptablesLegacy'],
  order: ['namespace', 'engine', 'family', 'table', 'hook', 'priority'],
  records: (s) => recordsOf(s.snapshot, 'fwChain'),
  ref: (c) => ({ kind: 'fwChain', id: c.id }),
  columns: [
    { id: 'chain', kind: 'code', width: 220, value: (c) => c.chain },
    { id: 'table', kind: 'code', width: 100, value: (c) => c.table },
    { id: 'hook', kind: 'code', width: 120, value: (c) => c.hook },
    { id: 'priority', kind: 'number', width: 90, value: (c) => c.priority },
    { id: 'policy', kind: 'marks', width: 100, value: (c) => c.policy && verdict(c.policy) },
    { id: 'ruleCount', kind: 'number', width: 80, value: ruleCount },
    { id: 'calledFrom', kind: 'code', width: 260, grow: true, value: calledFrom },
    { id: 'type', kind: 'code', width: 90, value: (c) => c.type },
    { id: 'engine', kind: 'marks', width: 80, value: (c) => tag(c.engine, c.engine === 'legacy' ? 'warn' : 'stack') },
    { id: 'family', kind: 'code', width: 80, value: (c) => c.family },
    { id: 'dialect', kind: 'words', width: 100, value: (c, s) => tableOf(c, s)?.dialect },
    { id: 'namespace', kind: 'words', width: 160, value: (c, s) => netnsPart(s, c.netns) },
  ],
})

/** Every set and map that has a name. Same as `nft list sets` and `nft list maps`. */
export const firewallSets = defineTable<{ table: FwTable; name: string; set: FwSet }>({
  id: 'firewallSets',
  theme: 'firewall',
  icon: 'stack',
  sources: ['nftables'],
  order: ['namespace', 'family', 'table', 'set'],
  records: (s) =>
    recordsOf(s.snapshot, 'fwTable').flatMap((table) =>
      Object.entries(table.sets ?? {}).map(([name, set]) => ({ table, name, set })),
    ),
  ref: ({ table }) => ({ kind: 'fwTable', id: table.id }),
  key: ({ table, name }) => `${table.id} ${name}`,
  columns: [
    { id: 'set', kind: 'code', width: 200, value: ({ name }) => name },
    { id: 'kind', kind: 'words', width: 80, value: ({ set }) => word(set.kind === 'map' ? 'mapOf' : 'setOf') },
    { id: 'table', kind: 'code', width: 120, value: ({ table }) => table.table },
    { id: 'elementType', kind: 'code', width: 220, value: ({ set }) => set.type },
    { id: 'elementCount', kind: 'count', width: 90, value: elementCount },
    { id: 'elements', kind: 'code', width: 360, grow: true, value: elementsText },
    { id: 'flags', kind: 'code', width: 140, value: ({ set }) => set.flags.join(', ') },
    { id: 'family', kind: 'code', width: 80, value: ({ table }) => table.family },
    { id: 'namespace', kind: 'words', width: 160, value: ({ table }, s) => netnsPart(s, table.netns) },
  ],
})

/** Packets and bytes that a rule has matched. */
export function ruleCounters<R extends { id: string }>(): Column<R>[] {
  return [
    { id: 'packets', kind: 'count', width: 90, value: (r, s) => s.samples.rules?.values[r.id]?.packets },
    { id: 'bytes', kind: 'bytes', width: 96, value: (r, s) => s.samples.rules?.values[r.id]?.bytes },
  ]
}

/** The chain that a rule stands in. */
export function chainPart(r: FwRule, s: Scope, chain = r.chain): Part {
  const id = fwChainId({ ...r, chain })
  const known = s.snapshot.records.fwChain[id]
  return known ? { text: chain, to: { hostId: s.hostId, kind: 'fwChain', id }, icon: 'stack' } : { text: chain }
}

/** What a rule asks of a packet: its text without chain, target and comment. */
export function matchText(r: FwRule): string {
  const bare = r.text
    .replace(/^-A \S+ ?/, '')
    .replace(/ ?-m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+)/, '')
    .replace(/ ?comment "(?:[^"\\]|\\.)*"/, '')
  if (r.target === undefined) return bare.trim()
  // In the iptables dialect all that follows -j is the target's; nftables ends a rule with its verdict.
  return bare
    .replace(/(?:^| )-[jg] .*$/, '')
    .replace(verdictEnd(r.target), '')
    .trim()
}

/** The target with its arguments: `DNAT to 172.17.0.2:80`, `REJECT with icmp-port-unreachable`. */
export function targetText(r: FwRule): string | undefined {
  const jump = / -[jg] (\S+) ?(.*)$/.exec(r.text.replace(/ ?-m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+)/, ''))
  if (!jump) return r.target
  const rest = (jump[2] ?? '')
    .replace('--to-destination ', 'to ')
    .replace('--to-source ', 'to ')
    .replace('--reject-with ', 'with ')
    .replace('--to-ports ', 'to ')
  return `${jump[1]} ${rest}`.trim()
}

function targetValue(r: FwRule, s: Scope): Value {
  if (r.target === undefined) return undefined
  const id = fwChainId({ ...r, chain: r.target })
  return s.snapshot.records.fwChain[id]
    ? chainPart(r, s, r.target)
    : { ...verdict(r.target), text: targetText(r) ?? '' }
}

/** Where a packet's way ends it is coloured; where it is rewritten too. */
export function verdict(name: string): Part & { text: string } {
  switch (name.toUpperCase()) {
    case 'ACCEPT':
      return { text: name, tone: 'ok' }
    case 'DROP':
    case 'REJECT':
      return { text: name, tone: 'danger' }
    case 'DNAT':
    case 'SNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
      return { text: name, tone: 'entrance' }
    default:
      return { text: name, tone: 'stack' }
  }
}

const verdictEnd = (target: string): RegExp =>
  new RegExp(` ?(?:(?:jump|goto) )?${target.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, 'i')

type ChainKey = { netns: string; engine: string; family: string; table: string }
const sameTable = (a: ChainKey, b: ChainKey): boolean =>
  a.netns === b.netns && a.engine === b.engine && a.family === b.family && a.table === b.table

const tableOf = (c: FwChain, s: Scope) => recordsOf(s.snapshot, 'fwTable').find((t) => sameTable(t, c))

function elementCount({ set: { elements } }: { set: FwSet }): number | undefined {
  if (elements.kind === 'changing') return undefined
  return elements.kind === 'all' ? elements.all.length : elements.count
}

function elementsText({ set: { elements } }: { set: FwSet }): Value {
  if (elements.kind === 'all') return elements.all.join(', ')
  return word(elements.kind === 'changing' ? 'changingElements' : 'tooManyElements')
}

function ruleCount(c: FwChain, s: Scope): number {
  return s.rulesIn(c).length
}

function calledFrom(c: FwChain, s: Scope): Part[] {
  const chains = new Set(s.rulesTo(c).map((r) => r.chain))
  return [...chains].map((chain) => ({ text: chain }))
}
