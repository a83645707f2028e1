import { flowSchema, linkRefSchema, outcomeSchema, waySchema } from '@hopscope/model'
import { z } from 'zod'
import { reasonSchema } from './changes.ts'

const hostId = z.string().min(1).max(200)
const id = z.string().min(1).max(60)
const n = z.number()
const count = z.number().int().nonnegative()

/** How much may be traced: it slows down what it traces, so that nothing is traced without all three. */
export const tracingLimitSchema = z.strictObject({
  /** Packets that are shown; then the tracing ends. */
  packets: z.number().int().min(1).max(2_000).default(200),
  /** Packets a second, by each rule that starts the tracing: one at prerouting and one at output, in each family of a namespace. */
  rate: z.number().int().min(1).max(1_000).default(100),
  seconds: z.number().int().min(1).max(300).default(60),
})
export type TracingLimit = z.infer<typeof tracingLimitSchema>

/** Which packets: as tcpdump takes it. An empty one means all. */
export const filterTextSchema = z.string().max(500)

/** A packet whose way is over. `head` has its headers as they were first seen, as hex. */
export const toldStorySchema = z.strictObject({
  /** Milliseconds since the epoch. */
  at: n,
  flow: flowSchema.optional(),
  way: waySchema,
  /** What the kernel told of it was lost in part. */
  partial: z.boolean(),
  head: z.strictObject({ l3: hex(120), l4: hex(120).optional() }).optional(),
})
export type ToldStory = z.infer<typeof toldStorySchema>

/** What a tracing came to: `TraceSummary` of packages/trace. */
export const traceSummarySchema = z.strictObject({
  ended: z.enum(['packets', 'seconds', 'stopped']),
  shown: count,
  partial: count,
  leftOut: count,
  meant: count,
  traced: count,
  starts: z.strictObject({ shown: count, leftOut: count, unmeant: count }),
  lost: n.int(),
  overruns: count,
  namespaces: count,
  unavailable: z.array(z.strictObject({ netns: z.string(), because: z.string().max(500) })),
  legacy: z.array(
    z.strictObject({ netns: z.string(), because: z.enum(['LACKS_NFLOG', 'GROUP_TAKEN', 'NOT_ALLOWED']) }),
  ),
})

/** What is asked: `Query` of packages/path. */
export const querySchema = z
  .strictObject({
    from: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('netns'), netns: z.string().max(100) }),
      z.strictObject({ kind: z.literal('outside'), link: z.string().max(100).optional() }),
    ]),
    to: z.string().min(1).max(253),
    protocol: z.enum(['tcp', 'udp', 'icmp', 'arp']),
    port: z.number().int().min(1).max(65_535).optional(),
    src: z.string().max(60).optional(),
    sport: z.number().int().min(1).max(65_535).optional(),
    uid: count.optional(),
    bytes: z.number().int().min(28).max(65_535).optional(),
  })
  .refine(({ protocol, ...more }) => protocol !== 'arp' || LACKED_BY_ARP.every((key) => more[key] === undefined))
/** A question of ARP has none of these. */
const LACKED_BY_ARP = ['port', 'sport', 'uid', 'bytes'] as const

/** Hub → agent: begin a tracing on one of your hosts, end it, or send a packet and see whether it goes where it should. */
export const traceRequestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('trace'), id, filter: filterTextSchema, limit: tracingLimitSchema }),
  /** Also asks what it came to, when it has ended by itself. */
  z.strictObject({ kind: z.literal('stop'), id }),
  z.strictObject({ kind: z.literal('prove'), query: querySchema }),
])
export type TraceRequest = z.infer<typeof traceRequestSchema>
export const traceMessageSchema = z.strictObject({ hostId, request: traceRequestSchema })
export type TraceMessage = z.infer<typeof traceMessageSchema>

/** Where a filter is wrong (columns count from 1): `FilterError` of packages/trace, or too much for the kernel. */
const filterFaultSchema = z.union([
  z.literal('TOO_MANY'),
  z.strictObject({
    code: z.string().max(60),
    column: z.number().int().positive(),
    word: z.string().max(500),
    near: z.array(z.string().max(300)).max(20),
  }),
])

/** One direction of a proof: what was predicted of it and what was seen. */
const provenSchema = z.strictObject({ predicted: waySchema, story: toldStorySchema })
/** What came of a question of ARP: who told which MAC address, or nobody within this time. `link` is the one that has it, where it is in sight. */
const arpResultSchema = z.strictObject({
  milliseconds: count,
  lladdr: z.string().max(60).optional(),
  link: linkRefSchema.optional(),
})
/** A prediction, made right before a real packet was sent, beside what became of the packet. */
export const proofSchema = z.strictObject({
  query: querySchema,
  prediction: z.strictObject({
    forward: waySchema,
    back: waySchema.optional(),
    outcome: outcomeSchema,
    way: z.enum(['forward', 'back']),
  }),
  /** Absent where no such packet was seen. */
  forward: provenSchema.optional(),
  back: provenSchema.optional(),
  /** The sender's own kernel did not send it: the errno's name. */
  refused: z.string().max(60).optional(),
  asked: arpResultSchema.optional(),
  summary: traceSummarySchema,
})
export type ToldProof = z.infer<typeof proofSchema>

const deniedSchema = z.strictObject({ kind: z.literal('denied'), reason: reasonSchema })
export const traceAnswerSchema = z.discriminatedUnion('kind', [
  /** It runs, in so many namespaces; in some it cannot, and in some nothing is told of rules of iptables-legacy. */
  z.strictObject({
    kind: z.literal('started'),
    id,
    ...traceSummarySchema.pick({ namespaces: true, unavailable: true, legacy: true }).shape,
  }),
  /** It has ended. */
  z.strictObject({ kind: z.literal('ended'), id, summary: traceSummarySchema }),
  z.strictObject({ kind: z.literal('proof'), proof: proofSchema }),
  /** From there nothing can be sent to that. */
  z.strictObject({
    kind: z.literal('unprovable'),
    because: z.enum(['OUTSIDE', 'NO_ADDRESS', 'NETNS_GONE', 'NOT_ASKED']),
  }),
  z.strictObject({ kind: z.literal('filter'), fault: filterFaultSchema }),
  /** Not on this host, or not now: `reason` says what to do. */
  deniedSchema,
])
export type TraceAnswer = z.infer<typeof traceAnswerSchema>

/**
 * Packets of a tracing, as they come. Whoever cannot take them in time is spared some: `shown` counts all until now, these among them, so
 * that everybody knows how many he did not get.
 */
export const storiesSchema = z.strictObject({
  hostId,
  id,
  stories: z.array(toldStorySchema).max(100),
  shown: count,
  partial: count,
  overruns: count,
})
export type Stories = z.infer<typeof storiesSchema>

/** A tracing has ended: with what it came to, or because its agent went. */
export const traceEndSchema = z.strictObject({
  hostId,
  id,
  end: z.union([z.strictObject({ summary: traceSummarySchema }), z.strictObject({ reason: reasonSchema })]),
})
export type TraceEnd = z.infer<typeof traceEndSchema>

function hex(most: number) {
  return z
    .string()
    .max(most * 2)
    .regex(/^(?:[0-9a-f]{2})*$/)
}
