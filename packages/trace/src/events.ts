import { z } from 'zod'

const n = z.number().int()
const hex = z.string().regex(/^[0-9a-f]*$/)

/**
 * What one rule, or the end of one chain, did with a traced packet, as the kernel told it. Headers come once per base chain whose rules the
 * packet meets, as hex. Same as a line of `nft monitor trace`.
 */
export const traceEventSchema = z.strictObject({
  netns: z.string(),
  /** Milliseconds, of any clock that only goes on. */
  at: z.number(),
  /** Of the packet while it is in this namespace. Given to other packets later. */
  id: n,
  /** Of nftables, with those of iptables-nft, unless it says otherwise. */
  engine: z.literal('legacy').optional(),
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  type: z.enum(['rule', 'return', 'policy']),
  handle: n.optional(),
  verdict: z.string().optional(),
  to: z.string().optional(),
  policy: z.string().optional(),
  iif: n.optional(),
  oif: n.optional(),
  mark: n.optional(),
  l2: hex.optional(),
  l3: hex.optional(),
  l4: hex.optional(),
  ct: z
    .strictObject({ id: n.optional(), reply: z.boolean().optional(), status: n.optional(), state: n.optional() })
    .optional(),
})
export type TraceEvent = z.infer<typeof traceEventSchema>

/**
 * The table that starts the tracing. Its rules stand first at prerouting and output (`start`), first at forward and input, where a packet
 * may have got another id (`enter`), and behind all others (`seen`): they tell its headers and links as they are by then.
 */
export const TRACE_TABLE = 'hopscope-trace'

/** Chains of that table by what they are for; `hook` is the last word of their names. */
export const ourChain = (kind: 'match' | 'start' | 'enter' | 'seen', hook: string): string => `${kind}-${hook}`
export const isOurs = ({ table }: Pick<TraceEvent, 'table'>): boolean => table === TRACE_TABLE
/** The event with which the tracing of a packet starts, or starts anew at the next hook that looks for it. */
export const isStart = (event: TraceEvent): boolean => isOurRule(event, 'start')
/** Starts with what was translated just before: it was not meant by the addresses that it came with. */
export const LATE_PREROUTING = 'late-prerouting'
export const startsLate = (event: TraceEvent): boolean => isStart(event) && event.chain.endsWith(LATE_PREROUTING)
/** Behind all others at a hook. */
export const isSeen = (event: TraceEvent): boolean => isOurRule(event, 'seen')
/** Where our chains stand: before raw, where Docker drops what comes to a container by another link than its bridge. */
export const FIRST_PRIORITY = -350
/** Behind the translation of sources, which is at 100. */
export const LAST_PRIORITY = 350
/** Behind the translation of destinations, which is at -100: an answer is by then for whom it is meant. */
export const LATE_PRIORITY = -90
export function priorityOfOurs(event: TraceEvent): number {
  if (event.chain.startsWith('seen-')) return LAST_PRIORITY
  return event.chain.endsWith(LATE_PREROUTING) ? LATE_PRIORITY : FIRST_PRIORITY
}
/** The hook of a chain of ours. */
export const hookOfOurs = ({ chain }: TraceEvent): string => chain.slice(chain.lastIndexOf('-') + 1)

const isOurRule = (event: TraceEvent, kind: string): boolean =>
  isOurs(event) && event.type === 'rule' && event.chain.startsWith(`${kind}-`)
