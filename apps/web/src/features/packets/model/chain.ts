import type { FwRule, HopOf, HostSnapshot, RuleHit } from '@hopscope/model'
import { fwChainId, recordsOf } from '@hopscope/model'

/** A rule as a packet met it: it matched, was passed over, or was never come to. */
export type ListedRule =
  | { state: 'matched'; rule: FwRule; hit: RuleHit; into?: ListedChain }
  | { state: 'passed' | 'unreached'; rule: FwRule }

/** A chain with all its rules in order; `policy` where none of them decided and it is a base chain. */
export type ListedChain = { chain: string; rules: ListedRule[]; policy?: string }

type ChainHop = HopOf<'chain'>

/** The chain of a hop, and those that it led to, rule by rule as the snapshot has them. Same as `iptables -S CHAIN`, or `nft list chain`. */
export function listChain(hop: ChainHop, snapshot: HostSnapshot): ListedChain {
  const rules = rulesOf(hop, snapshot)
  const hits = [...hop.hits]
  let isOver = false
  const list = (chain: string, isBase: boolean): ListedChain => {
    const listed: ListedRule[] = []
    let isLeft = false
    for (const rule of rules.get(chain) ?? []) {
      const [hit] = hits
      if (isOver || isLeft) {
        listed.push({ state: 'unreached', rule })
        continue
      }
      if (hit?.ruleId !== rule.id) {
        listed.push({ state: 'passed', rule })
        continue
      }
      hits.shift()
      const leads = hit.to !== undefined && (hit.verdict === 'jump' || hit.verdict === 'goto')
      const into = leads && hit.to !== undefined ? list(hit.to, false) : undefined
      listed.push({ state: 'matched', rule, hit, ...(into && { into }) })
      if (hit.verdict === 'goto' || hit.verdict === 'return') isLeft = true
      else if (hit.verdict !== 'jump' && hit.verdict !== 'continue') isOver = true
    }
    const policy = isBase && !isOver && hop.policy ? policyOf(hop, snapshot) : undefined
    return { chain, rules: listed, ...(policy !== undefined && { policy }) }
  }
  return list(hop.chain, true)
}

function policyOf(hop: ChainHop, snapshot: HostSnapshot): string {
  return (snapshot.records.fwChain[fwChainId(hop)]?.policy ?? hop.verdict).toUpperCase()
}

function rulesOf({ netns, engine, family, table }: ChainHop, snapshot: HostSnapshot): Map<string, FwRule[]> {
  const rules = new Map<string, FwRule[]>()
  for (const rule of recordsOf(snapshot, 'fwRule')) {
    if (rule.netns !== netns || rule.engine !== engine || rule.family !== family || rule.table !== table) continue
    const list = rules.get(rule.chain)
    if (list) list.push(rule)
    else rules.set(rule.chain, [rule])
  }
  for (const list of rules.values()) list.sort((a, b) => a.position - b.position)
  return rules
}

/** Rules in a row that a packet passed over or never came to, as one; what matched stands alone. */
export type RuleRun = { state: ListedRule['state']; rules: ListedRule[] }

export function runsOf(rules: readonly ListedRule[]): RuleRun[] {
  const runs: RuleRun[] = []
  for (const rule of rules) {
    const last = runs.at(-1)
    if (last && last.state === rule.state && rule.state !== 'matched') last.rules.push(rule)
    else runs.push({ state: rule.state, rules: [rule] })
  }
  return runs
}
