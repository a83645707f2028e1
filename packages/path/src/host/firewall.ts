import {
  type FwChain,
  type FwRule,
  type FwTable,
  fwTableId,
  type HookName,
  type HostSnapshot,
  recordsOf,
} from '@hopscope/model'
import type { Family } from '../ip.ts'
import { parseIptablesRule } from '../rules/iptables.ts'
import { parseNftRule } from '../rules/nft/nft.ts'
import type { Statements } from '../rules/rule.ts'
import { pushTo } from './pushTo.ts'

export type Rule = { record: FwRule; statements(): Statements }
export type Chain = { record: FwChain; rules: readonly Rule[] }
/** The chains of one table, by name. */
export type Table = { record: FwTable | undefined; chains: ReadonlyMap<string, Chain> }
export type BaseChain = { chain: Chain; table: Table; priority: number }

export type Firewall = {
  /** Base chains that see packets of a family at a hook, by priority; those that translate addresses are in `nat`. */
  hooks(family: Family, hook: HookName): readonly BaseChain[]
  nat(family: Family, hook: HookName): readonly BaseChain[]
  /** Those of nftables' bridge and arp families, and of one device. */
  bridge(hook: HookName): readonly BaseChain[]
  arp(hook: 'input' | 'output'): readonly BaseChain[]
  device(hook: 'ingress' | 'egress', link: string): readonly BaseChain[]
  /** Of any family, by its id. */
  table(id: string): Table | undefined
  /** Some rule asks for the state of connections or translates: then the namespace tracks those of the family. */
  tracks(family: Family): boolean
  translates(family: Family): boolean
}

const none: readonly BaseChain[] = []

/** A namespace's chains by hook; the text of a rule is read when a packet meets it. */
export function firewallOf(snapshot: HostSnapshot, netns: string): Firewall {
  const all = tablesIn(snapshot, netns)
  const bases = [...all.values()].flatMap(baseChains)
  const byKey = new Map<string, BaseChain[]>()
  for (const base of bases) for (const key of keysOf(base)) pushTo(byKey, key, base)
  // Nobody tells in which order those of one priority run: it must not be that in which the records came.
  for (const list of byKey.values()) list.sort((a, b) => a.priority - b.priority || byId(a, b))
  const at = (kind: string, hook: string) => byKey.get(`${kind} ${hook}`) ?? none
  const translates = (family: Family) =>
    bases.some(({ chain }) => chain.record.type === 'nat' && concerns(chain.record.family, family))
  const asking = familiesThatAsk(snapshot, netns)
  return {
    hooks: (family, hook) => at(`filter ${family}`, hook),
    nat: (family, hook) => at(`nat ${family}`, hook),
    bridge: (hook) => at('bridge', hook),
    arp: (hook) => at('arp', hook),
    device: (hook, link) => at('device', hook).filter(({ chain }) => chain.record.device?.split(',').includes(link)),
    table: (id) => all.get(id),
    translates,
    tracks: (family) => translates(family) || asking.some((one) => concerns(one, family)),
  }
}

const byId = (a: BaseChain, b: BaseChain): number => (a.chain.record.id < b.chain.record.id ? -1 : 1)

function keysOf({ chain }: BaseChain): string[] {
  const { family, hook, type } = chain.record
  if (hook === 'ingress' || hook === 'egress') return [`device ${hook}`]
  if (family === 'bridge' || family === 'arp') return [`${family} ${hook}`]
  return FAMILIES.filter((one) => concerns(family, one)).map(
    (one) => `${type === 'nat' ? 'nat' : 'filter'} ${one} ${hook}`,
  )
}

const FAMILIES: readonly Family[] = ['inet', 'inet6']
/** Whether tables of a family of netfilter see packets of a family, or let them be tracked. */
const concerns = (table: string, family: Family): boolean => table !== (family === 'inet' ? 'ip6' : 'ip')

function tablesIn(snapshot: HostSnapshot, netns: string): Map<string, Table> {
  const { chains, rules } = byTable(snapshot, netns)
  const all = new Map<string, Table>()
  for (const [key, records] of chains) {
    const record: FwTable | undefined = snapshot.records.fwTable[key]
    // Its chains are hooked in nowhere.
    if (record?.flags.includes('dormant')) continue
    const own = rules.get(key)
    const made = records.map((c) => [c.chain, chainOf(c, own?.get(c.chain) ?? [], record)] as const)
    all.set(key, { record, chains: new Map(made) })
  }
  return all
}

function baseChains(table: Table): BaseChain[] {
  const bases: BaseChain[] = []
  for (const chain of table.chains.values()) {
    const { hook, priority } = chain.record
    if (hook !== undefined && hook !== null) bases.push({ chain, table, priority: priority ?? 0 })
  }
  return bases
}

function chainOf(record: FwChain, rules: FwRule[], table: FwTable | undefined): Chain {
  rules.sort((a, b) => a.position - b.position)
  return { record, rules: rules.map((rule) => ruleOf(rule, table)) }
}

function ruleOf(record: FwRule, table: FwTable | undefined): Rule {
  let read: Statements | undefined
  return {
    record,
    statements() {
      // A table of iptables may hold a rule that only nft can print.
      const iptables = table?.dialect === 'iptables' && record.text.startsWith('-A')
      read ??= iptables ? parseIptablesRule(record.text) : parseNftRule(record.text, table?.sets)
      return read
    },
  }
}

type ByTable = { chains: Map<string, FwChain[]>; rules: Map<string, Map<string, FwRule[]>> }
const tables = new WeakMap<HostSnapshot, Map<string, ByTable>>()

/** One pass over all rules of a host for all its namespaces. */
function byTable(snapshot: HostSnapshot, netns: string): ByTable {
  let all = tables.get(snapshot)
  if (!all) {
    all = new Map()
    const of = (id: string): ByTable => {
      const known = all?.get(id)
      if (known) return known
      const made: ByTable = { chains: new Map(), rules: new Map() }
      all?.set(id, made)
      return made
    }
    for (const chain of recordsOf(snapshot, 'fwChain')) pushTo(of(chain.netns).chains, fwTableId(chain), chain)
    for (const rule of recordsOf(snapshot, 'fwRule')) {
      const { rules } = of(rule.netns)
      const key = fwTableId(rule)
      const chains = rules.get(key) ?? new Map<string, FwRule[]>()
      rules.set(key, chains)
      pushTo(chains, rule.chain, rule)
    }
    tables.set(snapshot, all)
  }
  return all.get(netns) ?? { chains: new Map(), rules: new Map() }
}

const STATE = /(?:^| )(?:-m (?:conntrack|state|connmark|connbytes|connlimit)|-j (?:CONNMARK|CT)|ct) /

/** The families of netfilter that have such rules. */
function familiesThatAsk(snapshot: HostSnapshot, netns: string): string[] {
  const found = new Set<string>()
  for (const chains of byTable(snapshot, netns).rules.values())
    for (const rules of chains.values())
      for (const { family, text } of rules) if (!found.has(family) && STATE.test(text)) found.add(family)
  return [...found]
}
