import type { Flow, Hop, HopOf, LinkRef, RuleHit, Way } from '@hopscope/model'

/** One place on both ways; what only one of them has lacks the other. */
export type ComparedRow = { predicted?: Hop; observed?: Hop }
/** A prediction and what was seen, side by side. `first` is the row in which they differ first. */
export type Comparison = { rows: readonly ComparedRow[]; first?: number; sameVerdict: boolean }

/**
 * Lays what was seen over what was predicted. Compared is what the kernel decides: chains with their rules and verdicts, translation, route and links,
 * who receives it. Not compared is what depends on the moment: whether a neighbour or a MAC address was known already; and what cannot be seen:
 * chains of iptables-legacy in the namespaces `untold`.
 */
export function compareWays(predicted: Way, observed: Way, untold: ReadonlySet<string> = new Set()): Comparison {
  const isSeen = (hop: Hop) => !(hop.kind === 'chain' && hop.engine === 'legacy' && untold.has(hop.netns))
  const rows = align(predicted.hops.filter(isSeen), observed.hops)
  const first = rows.findIndex((row) => row.predicted === undefined || row.observed === undefined)
  return {
    rows,
    ...(first >= 0 && { first }),
    sameVerdict: predicted.outcome.verdict === observed.outcome.verdict,
  }
}

/** Pairs the longest common run of equal hops; the others stand where they occurred. */
function align(predicted: readonly Hop[], observed: readonly Hop[]): ComparedRow[] {
  const left = inOneOrder(predicted.filter(isComparable))
  const right = inOneOrder(observed.filter(isComparable))
  const [a, b] = [left.map(keyOf), right.map(keyOf)]
  const length = longestCommon(a, b)
  const rows: ComparedRow[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && a[i] === b[j]) {
      rows.push({ ...at('predicted', left[i++]), ...at('observed', right[j++]) })
    } else if (j >= right.length || (i < left.length && common(length, i + 1, j) >= common(length, i, j + 1))) {
      rows.push(at('predicted', left[i++]))
    } else rows.push(at('observed', right[j++]))
  }
  return rows
}

/** Chains of one hook and one priority run in an order that no record tells: they stand in the same one on both sides. */
function inOneOrder(hops: readonly Hop[]): Hop[] {
  const all: Hop[] = []
  for (const hop of hops) {
    let place = all.length
    while (place > 0 && isEarlier(hop, all[place - 1])) place--
    all.splice(place, 0, hop)
  }
  return all
}

function isEarlier(hop: Hop, other: Hop | undefined): boolean {
  if (hop.kind !== 'chain' || other?.kind !== 'chain') return false
  if (hop.netns !== other.netns || hop.hook !== other.hook) return false
  return hop.priority !== undefined && hop.priority === other.priority && chainKey(hop) < chainKey(other)
}

const chainKey = ({ engine, family, table, chain }: HopOf<'chain'>): string => `${engine} ${family} ${table} ${chain}`

const at = (side: keyof ComparedRow, hop: Hop | undefined): ComparedRow => (hop === undefined ? {} : { [side]: hop })
const common = (length: readonly (readonly number[])[], i: number, j: number): number => length[i]?.[j] ?? 0

/** Lengths of the longest common subsequences of what is left from i and j on. */
function longestCommon(a: readonly string[], b: readonly string[]): number[][] {
  const length = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const best =
        a[i] === b[j] ? common(length, i + 1, j + 1) + 1 : Math.max(common(length, i + 1, j), common(length, i, j + 1))
      const row = length[i]
      if (row) row[j] = best
    }
  }
  return length
}

/** A name becomes an address before there is a packet. */
const isComparable = ({ kind }: Hop): boolean => kind !== 'resolve'

function keyOf(hop: Hop): string {
  return JSON.stringify([hop.kind, hop.netns, ...decided(hop)])
}

/** What the kernel decided at a hop. */
function decided(hop: Hop): (string | number | boolean | undefined)[] {
  switch (hop.kind) {
    case 'send':
    case 'resolve':
      return []
    case 'arrive':
    case 'leave':
    case 'outside':
      return [linkKey(hop.link)]
    case 'chain':
      return [hop.engine, hop.family, hop.table, hop.chain, hop.verdict, hop.policy, hop.hits.map(hitKey).join()]
    case 'nat':
      return [hop.ruleId, flowKey(hop.before), flowKey(hop.after)]
    case 'conntrack':
      return [hop.entry, hop.state]
    case 'route':
      return hop.result === 'unicast' ? [hop.result, hop.out && linkKey(hop.out)] : [hop.result]
    case 'neighbour':
      return [linkKey(hop.link), hop.address]
    case 'veth':
    case 'macvlan':
      return [linkKey(hop.from), linkKey(hop.to)]
    case 'bridge':
      return [linkKey(hop.bridge), hop.inPort && linkKey(hop.inPort), hop.outPorts.map(linkKey).join(), hop.toHost]
    case 'tunnel':
      return [linkKey(hop.link), hop.how]
    case 'deliver':
      return [hop.socketId, hop.byKernel ?? false, hop.lladdr]
  }
}

const linkKey = ({ netns, index }: LinkRef): string => `${netns} ${index}`
const hitKey = ({ chain, handle, verdict, to }: RuleHit): string => `${chain} ${handle} ${verdict} ${to ?? ''}`
/** Without the sender's port and identifier, which the kernel chooses. */
const flowKey = ({ protocol, src, dst, icmpType }: Flow): string => `${protocol} ${src} ${dst} ${icmpType ?? ''}`
