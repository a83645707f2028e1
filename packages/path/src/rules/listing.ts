import {
  type Flow,
  type FwRule,
  fwChainId,
  fwTableId,
  type HopOf,
  type HostSnapshot,
  type RuleHit,
} from '@hopscope/model'
import type { Rule, Table } from '../host/firewall.ts'
import { hostIndex } from '../host/hostIndex.ts'
import { afterRule } from './afterRule.ts'
import type { Scene } from './facts.ts'
import { sceneOfMet } from './met.ts'
import { type Miss, missOf } from './miss.ts'

/** A rule as a packet met it: it matched, was passed over, or was never come to. */
export type ListedRule =
  | { state: 'matched'; rule: FwRule; hit: RuleHit; into?: ListedChain }
  | { state: 'passed'; rule: FwRule; miss: Miss }
  | { state: 'unreached'; rule: FwRule }

/** A chain with all its rules in order; `policy` where none of them decided and it is a base chain. */
export type ListedChain = { chain: string; rules: ListedRule[]; policy?: string }

type ChainHop = HopOf<'chain'>

/**
 * The chain of a hop, and those that it led to, rule by rule as the snapshot has them; `flow` is the packet as it came to the hop. Same as
 * `iptables -S CHAIN`, or `nft list chain`.
 */
export function listChain(hop: ChainHop, flow: Flow | undefined, snapshot: HostSnapshot): ListedChain {
  const table = hostIndex(snapshot).netns(hop.netns)?.firewall().table(fwTableId(hop))
  const walk = {
    table,
    hop,
    hits: [...hop.hits],
    scene: sceneAt(hop, flow, snapshot),
    isOver: false,
    open: new Set<string>(),
  }
  const rules = listRules(hop.chain, walk)
  const policy = !walk.isOver && hop.policy ? policyOf(hop, snapshot) : undefined
  return { chain: hop.chain, rules, ...(policy !== undefined && { policy }) }
}

type Walk = {
  readonly table: Table | undefined
  readonly hop: ChainHop
  /** Those that are still to come. */
  readonly hits: RuleHit[]
  scene: Scene | undefined
  isOver: boolean
  /** The chains that it is in. */
  readonly open: Set<string>
}

function listRules(chain: string, walk: Walk): ListedRule[] {
  const listed: ListedRule[] = []
  walk.open.add(chain)
  let isLeft = false
  for (const rule of walk.table?.chains.get(chain)?.rules ?? []) {
    const { record } = rule
    const [hit] = walk.hits
    if (walk.isOver || isLeft) listed.push({ state: 'unreached', rule: record })
    else if (hit?.ruleId !== record.id) {
      listed.push({ state: 'passed', rule: record, miss: missIn(walk, rule) })
      walk.scene &&= afterRule(rule, walk.scene, 'passed')
    } else {
      walk.hits.shift()
      walk.scene &&= afterRule(rule, walk.scene, 'matched')
      // The kernel has no loops, but a file may.
      const leads = (hit.verdict === 'jump' || hit.verdict === 'goto') && !walk.open.has(hit.to ?? '')
      const into = leads && hit.to !== undefined ? { chain: hit.to, rules: listRules(hit.to, walk) } : undefined
      listed.push({ state: 'matched', rule: record, hit, ...(into && { into }) })
      if (hit.verdict === 'goto' || hit.verdict === 'return') isLeft = true
      else if (hit.verdict !== 'jump' && hit.verdict !== 'continue') walk.isOver = true
    }
  }
  walk.open.delete(chain)
  return listed
}

const missIn = ({ scene, hop }: Walk, rule: Rule): Miss =>
  scene === undefined ? { why: 'unseen' } : missOf(rule, scene, hop.basis)

function sceneAt({ netns, hook, met }: ChainHop, flow: Flow | undefined, snapshot: HostSnapshot): Scene | undefined {
  const space = hostIndex(snapshot).netns(netns)
  return space && met && flow && sceneOfMet({ met, flow, hook, space })
}

function policyOf(hop: ChainHop, snapshot: HostSnapshot): string {
  return (snapshot.records.fwChain[fwChainId(hop)]?.policy ?? hop.verdict).toUpperCase()
}
