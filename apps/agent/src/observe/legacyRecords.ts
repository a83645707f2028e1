import { fwChainId, fwRuleId, fwTableId } from '@hopscope/model'
import type { FirewallPart } from './firewallParts.ts'
import { chainKey, iptablesWords, type SavedRules } from './ruleText.ts'

/** A table of x_tables that somebody uses. */
export type LegacyTable = { family: 'ip' | 'ip6'; table: string }

const PRIORITIES: Record<string, number> = { raw: -300, mangle: -150, nat: 100, filter: 0, security: 50 }
/** Destination NAT comes before routing, source NAT after. */
const DESTINATION_NAT = -100

/** One table of iptables-legacy as records; a rule's handle is its place, because x_tables has no handles. */
export function legacyRecords(netns: string, { family, table }: LegacyTable, saved: SavedRules): FirewallPart {
  const key = { netns, engine: 'legacy' as const, family, table }
  const part: FirewallPart = {
    tables: [{ ...key, id: fwTableId(key), dialect: 'iptables', flags: [] }],
    chains: [],
    rules: [],
  }
  for (const [where, texts] of saved.chains) {
    const chain = where.slice(table.length + 1)
    const policy = saved.policies.get(chainKey(table, chain))
    const chainId = { ...key, chain }
    part.chains.push({ ...chainId, id: fwChainId(chainId), ...(policy !== '-' && { ...hookOf(table, chain), policy }) })
    for (const [index, text] of texts.entries()) {
      const ruleKey = { ...chainId, handle: index + 1 }
      part.rules.push({ ...ruleKey, id: fwRuleId(ruleKey), position: index + 1, text, ...iptablesWords(text) })
    }
  }
  return part
}

function hookOf(table: string, chain: string) {
  const destination = table === 'nat' && (chain === 'PREROUTING' || chain === 'OUTPUT')
  const priority = destination ? DESTINATION_NAT : PRIORITIES[table]
  return { type: table === 'nat' ? 'nat' : 'filter', hook: chain.toLowerCase(), priority }
}
