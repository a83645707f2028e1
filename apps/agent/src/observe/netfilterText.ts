import type { FwSets } from '@hopscope/model'
import type { NftRule, NftTable } from '@hopscope/netlink'
import { runInNetns } from '../run.ts'
import { isIptablesTable, tableKey } from './netfilterDialect.ts'
import { parseNftSets } from './nftSets.ts'
import type { Ruleset } from './ruleset.ts'
import { chainKey, nftRuleKey, parseIptablesSave, parseNftListing, type SavedRules } from './ruleText.ts'
import { type Failure, failureOfProgram } from './sourceState.ts'

/** The text of each rule that could be had, and in which dialect its table speaks. */
export type RuleTexts = {
  /** By `nftRuleKey`. */
  texts: ReadonlyMap<string, string>
  /** Tables (`tableKey`) whose rules are in iptables' words. */
  iptables: ReadonlySet<string>
  /** Named sets of the tables (`tableKey`) that nft was asked for. */
  sets: ReadonlyMap<string, FwSets>
  /** Why some text is missing. */
  failure?: Failure
}

const SAVE = { ip: 'iptables-nft-save', ip6: 'ip6tables-nft-save' } as const
type SaveFamily = keyof typeof SAVE

/**
 * Texts of a namespace's rules. Tables of iptables' shape are asked of iptables-nft-save, whose lines come in the order of
 * the kernel's dump and so get their handles; nft prints the others, and what iptables cannot print.
 */
export async function readRuleTexts(path: string, ruleset: Ruleset): Promise<RuleTexts> {
  const texts = new Map<string, string>()
  const iptables = new Set<string>()
  const failures: Failure[] = []
  for (const family of ['ip', 'ip6'] as const) {
    const tables = ruleset.tables.filter((table) => table.family === family && isIptablesTable(table, ruleset.chains))
    if (tables.length === 0) continue
    const saved = await save(path, family, failures)
    for (const table of tables) {
      if (saved && !saved.tables.has(table.name)) continue // it holds what iptables cannot print
      iptables.add(tableKey(table))
      if (saved) zip(rulesOf(ruleset, table), saved.rules, texts)
    }
  }
  const lacking = ruleset.rules.some((rule) => rule.handle !== undefined && !texts.has(keyOf(rule)))
  // It may have sets before it has rules.
  const native = ruleset.tables.some((table) => !iptables.has(tableKey(table)))
  const listing = lacking || native ? await list(path, failures) : undefined
  if (listing !== undefined) addNftTexts(listing, texts)
  const [failure] = failures
  return {
    texts,
    iptables,
    sets: parseNftSets(listing ?? ''),
    ...(failure && { failure: { ...failure, partial: true } }),
  }
}

async function save(path: string, family: SaveFamily, failures: Failure[]) {
  const program = SAVE[family]
  const result = await runInNetns(path, [program])
  if (result.kind === 'missing') {
    failures.push({ reason: 'NOT_INSTALLED', detail: `${program} is not installed; rules are shown in nft's words.` })
    return undefined
  }
  if (result.code !== 0) {
    failures.push(failureOfProgram(program, result.stderr))
    return undefined
  }
  const tables = new Set([...result.stdout.matchAll(/^\*(\S+)/gm)].map((match) => match[1]))
  return { rules: parseIptablesSave(result.stdout), tables }
}

async function list(path: string, failures: Failure[]): Promise<string | undefined> {
  const result = await runInNetns(path, ['nft', '-a', '-s', 'list', 'ruleset'])
  if (result.kind === 'missing') {
    failures.push({
      reason: 'NOT_INSTALLED',
      detail: 'nft is not installed; native rules are shown without their text.',
    })
    return undefined
  }
  if (result.code !== 0) {
    failures.push(failureOfProgram('nft', result.stderr))
    return undefined
  }
  return result.stdout
}

function addNftTexts(listing: string, texts: Map<string, string>): void {
  for (const [key, text] of parseNftListing(listing)) if (!texts.has(key)) texts.set(key, text)
}

/** Pairs handles with lines, chain by chain; a chain whose counts differ is left to nft. */
function zip(rules: readonly NftRule[], saved: SavedRules, texts: Map<string, string>): void {
  const chains = new Map<string, NftRule[]>()
  for (const rule of rules) {
    const key = chainKey(rule.table, rule.chain)
    const there = chains.get(key)
    if (there) there.push(rule)
    else chains.set(key, [rule])
  }
  for (const [key, mine] of chains) {
    const lines = saved.chains.get(key) ?? []
    if (lines.length !== mine.length) continue
    for (const [index, rule] of mine.entries()) texts.set(keyOf(rule), lines[index] ?? '')
  }
}

const rulesOf = (ruleset: Ruleset, table: NftTable): NftRule[] =>
  ruleset.rules.filter((rule) => rule.family === table.family && rule.table === table.name)

const keyOf = ({ family, table, chain, handle = 0 }: NftRule): string => nftRuleKey({ family, table, chain, handle })
