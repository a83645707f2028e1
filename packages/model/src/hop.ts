import { z } from 'zod'
import { family } from './records/common.ts'
import { engine } from './records/firewall.ts'

/**
 * The way of one packet, as hops. A prediction (`packages/path`) and what was seen (`packages/trace`) are lists of the same hops, so
 * that one can be laid over the other. Objects are named by the ids of their records, and said in words beside them,
 * because a record may be gone when the story is read.
 */

const text = z.string()
const n = z.number()

/** What a packet says of itself; ports for tcp and udp, type and identifier for icmp; of arp whom it asks or answers. */
export const flowSchema = z.strictObject({
  family,
  /** tcp, udp, icmp, icmpv6, arp, or the number of another one as text. */
  protocol: text,
  src: text,
  dst: text,
  sport: n.optional(),
  dport: n.optional(),
  icmpType: n.optional(),
  icmpCode: n.optional(),
  icmpId: n.optional(),
  /** 1: who has `dst`, for `src`. 2: `src` tells `dst` its MAC address. */
  arpOperation: n.optional(),
})
export type Flow = z.infer<typeof flowSchema>

/** A link by its place: ids are made from both, the name is for people. */
export const linkRefSchema = z.strictObject({ netns: text, index: n, name: text })
export type LinkRef = z.infer<typeof linkRefSchema>

/** observed: the kernel said so. inferred: it follows from what it said and from the snapshot. predicted: from the snapshot alone. */
export const basis = z.enum(['observed', 'inferred', 'predicted'])
export type Basis = z.infer<typeof basis>

/** netfilter's five hooks, for ip, ip6, bridge; and the one of a device. */
export const hookName = z.enum(['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress', 'egress'])
export type HookName = z.infer<typeof hookName>

/** What became of a packet in a rule or a chain. `jump` and `goto` carry the chain in `to`. */
const verdict = z.enum(['continue', 'jump', 'goto', 'return', 'accept', 'drop', 'reject', 'queue', 'stolen'])
export type Verdict = z.infer<typeof verdict>

/** A rule that the packet met and that matched. */
export const ruleHitSchema = z.strictObject({
  chain: text,
  ruleId: text,
  /** The kernel's handle, or the 1-based position for legacy tables. */
  handle: n,
  position: n.optional(),
  text: text.optional(),
  target: text.optional(),
  verdict,
  to: text.optional(),
})
export type RuleHit = z.infer<typeof ruleHitSchema>

/** What the hops of all kinds have. `flow` is the packet as it leaves the hop, where that differs from before or begins a story. */
const common = { netns: text, basis, flow: flowSchema.optional() }

/** What else than headers the rules of a chain could ask of a packet, as it came to them. */
const metSchema = z.strictObject({
  /** Names of links; absent where there is none. */
  iif: text.optional(),
  oif: text.optional(),
  physIn: text.optional(),
  physOut: text.optional(),
  bridged: z.boolean().optional(),
  /** Made in this namespace, by this user where that is known. */
  local: z.boolean().optional(),
  uid: n.optional(),
  /** Absent: 0. */
  mark: n.optional(),
  ttl: n,
  bytes: n,
  tcpFlags: z.array(text).optional(),
  /** Absent where the packet has no connection yet. */
  ct: z
    .strictObject({
      /** NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED. */
      state: text,
      reply: z.boolean(),
      /** Which of dnat, snat and reply (one was seen) the connection has. */
      status: z.array(z.enum(['dnat', 'snat', 'reply'])),
      mark: n.optional(),
    })
    .optional(),
  /** What rules may ask for and nobody can tell. */
  unknown: z.array(text).optional(),
})
export type Met = z.infer<typeof metSchema>

const chain = z.strictObject({
  ...common,
  kind: z.literal('chain'),
  hook: hookName,
  engine,
  /** ip, ip6, inet, bridge, netdev, arp. */
  family: text,
  table: text,
  chain: text,
  priority: n.optional(),
  hits: z.array(ruleHitSchema),
  met: metSchema.optional(),
  /** Of the base chain as a whole; `policy` tells that no rule decided. */
  verdict: z.enum(['accept', 'drop', 'reject', 'queue', 'stolen']),
  policy: z.boolean(),
})

/** One step on the way. Same facts as the command that each kind names. */
export const hopSchema = z.discriminatedUnion('kind', [
  /** A name becomes an address. `getent hosts NAME`. */
  z.strictObject({
    ...common,
    kind: z.literal('resolve'),
    name: text,
    address: text,
    /** hosts: the file /etc/hosts. docker: Docker's own name server. */
    how: z.enum(['hosts', 'docker']),
  }),
  /** Leaves a socket or the kernel itself of this namespace; `link`: of a question of ARP, the one that it is asked on. `arping -c 1 -I LINK ADDRESS`. */
  z.strictObject({ ...common, kind: z.literal('send'), process: text.optional(), link: linkRefSchema.optional() }),
  /** Comes in at a link. `tcpdump -i LINK`. */
  z.strictObject({ ...common, kind: z.literal('arrive'), link: linkRefSchema }),
  /** One base chain, with the rules that matched in it and in those it jumped to. `nft monitor trace`. */
  chain,
  /** Addresses or ports changed. `conntrack -L`. */
  z.strictObject({
    ...common,
    kind: z.literal('nat'),
    change: z.enum(['dnat', 'snat', 'masquerade', 'redirect', 'reverse']),
    before: flowSchema,
    after: flowSchema,
    /** The rule that decided it; absent where the entry of conntrack did. */
    ruleId: text.optional(),
  }),
  /** The entry that the packet belongs to, new with it or known before. `conntrack -L`. */
  z.strictObject({
    ...common,
    kind: z.literal('conntrack'),
    entry: z.enum(['created', 'reused']),
    /** new, established, related, invalid, untracked. */
    state: text,
    conntrackId: text.optional(),
  }),
  /** Which route was taken, and by which policy rule. `ip route get DST from SRC iif LINK`. */
  z.strictObject({
    ...common,
    kind: z.literal('route'),
    result: z.enum(['local', 'unicast', 'broadcast', 'multicast', 'unreachable', 'blackhole', 'prohibit', 'none']),
    routeId: text.optional(),
    policyRuleId: text.optional(),
    /** Destination of the route as `ip route` prints it. */
    dst: text.optional(),
    table: n.optional(),
    gateway: text.optional(),
    prefSrc: text.optional(),
    out: linkRefSchema.optional(),
  }),
  /** Whose MAC address the frame goes to. `ip neigh show`. */
  z.strictObject({
    ...common,
    kind: z.literal('neighbour'),
    link: linkRefSchema,
    address: text,
    lladdr: text.optional(),
    /** known: an entry says it. asked: none does, it has to be asked for. failed: nobody answers. */
    how: z.enum(['known', 'asked', 'failed']),
    neighbourId: text.optional(),
  }),
  /** Leaves by a link. */
  z.strictObject({ ...common, kind: z.literal('leave'), link: linkRefSchema }),
  /** Over to the other end of a cable. `ip -d link show`. */
  z.strictObject({ ...common, kind: z.literal('veth'), from: linkRefSchema, to: linkRefSchema }),
  /** A switch: from which port to which, and why. `bridge fdb show br BRIDGE`. */
  z.strictObject({
    ...common,
    kind: z.literal('bridge'),
    bridge: linkRefSchema,
    /** Absent: the bridge's own. */
    inPort: linkRefSchema.optional(),
    outPorts: z.array(linkRefSchema),
    /** The frame goes up into the host's IP stack. */
    toHost: z.boolean(),
    mac: text.optional(),
    how: z.enum(['known', 'flooded', 'local', 'none']),
    fdbId: text.optional(),
  }),
  /** From a macvlan or ipvlan to its parent, or between two of the same parent. */
  z.strictObject({ ...common, kind: z.literal('macvlan'), from: linkRefSchema, to: linkRefSchema }),
  /** Wrapped into another packet, or unwrapped. */
  z.strictObject({
    ...common,
    kind: z.literal('tunnel'),
    link: linkRefSchema,
    how: z.enum(['encapsulated', 'decapsulated']),
    remote: text.optional(),
  }),
  /** Arrives at who asked for it. `ss -lntup`. */
  z.strictObject({
    ...common,
    kind: z.literal('deliver'),
    socketId: text.optional(),
    /** Name and pid; a docker-proxy is named as such. */
    process: z.strictObject({ pid: n, comm: text }).optional(),
    /** The kernel answers itself: echo, RST, ARP. */
    byKernel: z.boolean().optional(),
    /** Of ARP: the MAC address that is told, by the answer or to whom asked. */
    lladdr: text.optional(),
  }),
  /** Out of what this host can see: to another machine. */
  z.strictObject({ ...common, kind: z.literal('outside'), link: linkRefSchema }),
])
export type Hop = z.infer<typeof hopSchema>
export type HopKind = Hop['kind']
export type HopOf<K extends HopKind> = Extract<Hop, { kind: K }>

/** Why a packet does not arrive, or why nobody can tell. */
export const REASON_CODES = [
  'NO_ROUTE',
  'ROUTE_REFUSES',
  'NEIGHBOUR_FAILED',
  'RULE_DROP',
  'RULE_REJECT',
  'POLICY_DROP',
  'RP_FILTER',
  'MARTIAN',
  'FORWARDING_OFF',
  'LINK_DOWN',
  'NO_CARRIER',
  'PORT_NOT_FORWARDING',
  'NOT_LISTENING',
  'ISOLATED_BRIDGE_PORT',
  'HAIRPIN_OFF',
  'MACVLAN_PARENT',
  'MTU',
  'TTL',
  'NAME_UNRESOLVED',
  'NO_SUCH_ADDRESS',
  'WRONG_MAC',
  'WRONG_SOURCE',
  'NOT_UNDERSTOOD',
  'NOT_SEEN',
  'NOT_ON_LINK',
  'OWN_ADDRESS',
  'NO_ARP',
] as const
export const reasonCode = z.enum(REASON_CODES)
export type PathReason = z.infer<typeof reasonCode>

/**
 * How a way ends. refused: told so by an RST, an ICMP error or its own kernel. `blame` is the id of the record that decided it, `what` names what was not
 * understood or what is missing.
 */
export const outcomeSchema = z.strictObject({
  verdict: z.enum(['delivered', 'left', 'refused', 'dropped', 'undetermined']),
  reason: reasonCode.optional(),
  netns: text.optional(),
  blame: text.optional(),
  what: text.optional(),
})
export type Outcome = z.infer<typeof outcomeSchema>

/** One direction of a flow. */
export const waySchema = z.strictObject({ hops: z.array(hopSchema), outcome: outcomeSchema })
export type Way = z.infer<typeof waySchema>
