import { type FwChain, type FwRule, type FwTable, fwChainId, fwRuleId, fwTableId } from '@hopscope/model'
import type { NftChain, NftRule, NftTable } from '@hopscope/netlink'
import type { FirewallPart } from './firewallParts.ts'
import { tableKey } from './netfilterDialect.ts'
import type { RuleTexts } from './netfilterText.ts'
import type { Ruleset } from './ruleset.ts'
import { iptablesWords, nftRuleKey, nftWords } from './ruleText.ts'

/** A namespace's nftables as records. */
export function firewallRecords(netns: string, ruleset: Ruleset, texts: RuleTexts): FirewallPart {
  const positions = new Map<string, number>()
  return {
    tables: ruleset.tables.map((table) => tableRecord(netns, table, texts)),
    chains: ruleset.chains.map((chain) => chainRecord(netns, chain)),
    rules: ruleset.rules.flatMap((rule) => {
      if (rule.handle === undefined) return []
      const where = `${rule.family} ${rule.table} ${rule.chain}`
      const position = (positions.get(where) ?? 0) + 1
      positions.set(where, position)
      return [ruleRecord({ netns, rule, handle: rule.handle, position }, texts)]
    }),
  }
}

function tableRecord(netns: string, table: NftTable, texts: RuleTexts): FwTable {
  const key = { netns, engine: 'nft' as const, family: table.family, table: table.name }
  const dialect = texts.iptables.has(tableKey(table)) ? 'iptables' : 'nftables'
  const sets = texts.sets.get(tableKey(table))
  return { ...key, id: fwTableId(key), dialect, flags: table.flags, ...(sets && { sets }) }
}

function chainRecord(netns: string, chain: NftChain): FwChain {
  const key = { netns, engine: 'nft' as const, family: chain.family, table: chain.table, chain: chain.name }
  const devices = chain.hook?.devices.join(',')
  return {
    ...key,
    id: fwChainId(key),
    type: chain.type,
    hook: chain.hook?.hook,
    priority: chain.hook?.priority,
    policy: chain.policy,
    device: devices || undefined,
  }
}

type Placed = { netns: string; rule: NftRule; handle: number; position: number }

function ruleRecord({ netns, rule, handle, position }: Placed, { texts, iptables }: RuleTexts): FwRule {
  const { family, table, chain } = rule
  const key = { netns, engine: 'nft' as const, family, table, chain, handle }
  const text = texts.get(nftRuleKey({ family, table, chain, handle })) ?? ''
  const words = iptables.has(tableKey({ family, name: table })) && text.startsWith('-A') ? iptablesWords : nftWords
  return { ...key, id: fwRuleId(key), position, text, comment: rule.comment, ...words(text) }
}
