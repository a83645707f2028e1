import { z } from 'zod'
import { inNetns, part } from './common.ts'

/** Which engine in the kernel holds it: x_tables (`iptables-legacy`) or nf_tables (`nft`, `iptables-nft`). */
export const engine = z.enum(['legacy', 'nft'])
/** ip, ip6, inet, arp, bridge, netdev: nftables' families; legacy has ip and ip6. */
const fwFamily = z.string()

type TableKey = { netns: string; engine: string; family: string; table: string }
type ChainKey = TableKey & { chain: string }
const key = (k: TableKey): string => `${part(k.netns)}:${k.engine}:${k.family}:${k.table}`
export const fwTableId = (k: TableKey): string => `table:${key(k)}`
export const fwChainId = (k: ChainKey): string => `chain:${key(k)}:${k.chain}`
/** `handle` is the kernel's (nft) or the 1-based position (legacy has no handles). */
export const fwRuleId = (k: ChainKey & { handle: number }): string => `fwrule:${key(k)}:${k.chain}:${k.handle}`

/** A set or map of nftables that has a name. Same as `nft list set`, `nft list map`. */
const fwSetSchema = z.strictObject({
  kind: z.enum(['set', 'map']),
  /** As nft prints it: `ipv4_addr . inet_service`; of a map also what its elements lead to, as in `ifname : verdict`. */
  type: z.string(),
  flags: z.array(z.string()),
  elements: z.discriminatedUnion('kind', [
    /** As nft prints them, without counters: `10.0.0.1 . 80`, `80 : 10.0.0.2`. */
    z.strictObject({ kind: z.literal('all'), all: z.array(z.string()) }),
    /** More than are told of. */
    z.strictObject({ kind: z.literal('tooMany'), count: z.number() }),
    /** Time or packets change them, of which the kernel tells nobody. */
    z.strictObject({ kind: z.literal('changing') }),
  ]),
})
export type FwSet = z.infer<typeof fwSetSchema>
/** Named sets and maps of a table by name. */
const fwSetsSchema = z.record(z.string(), fwSetSchema)
export type FwSets = Readonly<z.infer<typeof fwSetsSchema>>

/** A table of rules. Same as `nft list tables`, or a `*name` line of `iptables-legacy-save`. */
export const fwTableSchema = z.strictObject({
  ...inNetns,
  engine,
  family: fwFamily,
  table: z.string(),
  /** Who wrote it, judged by its chains' shape: iptables-nft's compatibility tables or native nftables. */
  dialect: z.enum(['iptables', 'nftables']),
  flags: z.array(z.string()),
  /** By name; absent where there are none, and where nft could not be asked. */
  sets: fwSetsSchema.optional(),
})
export type FwTable = z.infer<typeof fwTableSchema>

/** A chain; a base chain has hook, priority and policy. */
export const fwChainSchema = z.strictObject({
  ...inNetns,
  engine,
  family: fwFamily,
  table: z.string(),
  chain: z.string(),
  /** filter, nat, route: base chains only. */
  type: z.string().optional(),
  hook: z.string().optional(),
  priority: z.number().optional(),
  policy: z.string().optional(),
  device: z.string().optional(),
})
export type FwChain = z.infer<typeof fwChainSchema>

/** A rule as its own tool prints it, without counters; those travel apart. Same as `iptables-save` or `nft -a list chain`. */
export const fwRuleSchema = z.strictObject({
  ...inNetns,
  engine,
  family: fwFamily,
  table: z.string(),
  chain: z.string(),
  handle: z.number(),
  /** 1-based place in its chain, as `iptables -L --line-numbers` shows. */
  position: z.number(),
  /** iptables dialect: from `-A` on. nftables dialect: the rule's text. */
  text: z.string(),
  /** Jump or verdict target when the text names one: DNAT, MASQUERADE, accept, DOCKER-USER… */
  target: z.string().optional(),
  comment: z.string().optional(),
})
export type FwRule = z.infer<typeof fwRuleSchema>
