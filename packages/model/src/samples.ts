import { z } from 'zod'

/** What moves all the time, sampled only while somebody looks: keyed by record id. */
export const sampleTopics = ['links', 'rules', 'conntrack', 'fdb', 'neighbours'] as const
export const sampleTopic = z.enum(sampleTopics)
export type SampleTopic = z.infer<typeof sampleTopic>

const n = z.number()
export const linkCountersSchema = z.strictObject({
  rxBytes: n,
  rxPackets: n,
  rxErrors: n,
  rxDropped: n,
  rxOverruns: n,
  multicast: n,
  txBytes: n,
  txPackets: n,
  txErrors: n,
  txDropped: n,
  txOverruns: n,
  collisions: n,
})
export type LinkCounters = z.infer<typeof linkCountersSchema>
const ruleCounters = z.strictObject({ packets: n, bytes: n })
/** timeout in seconds; packets and bytes only when nf_conntrack_acct is on. */
const conntrackSample = z.strictObject({ timeout: n, packets: n.optional(), bytes: n.optional() })
/** Seconds since it was used (looked up) and since it was updated (learned again). */
const ages = z.strictObject({ used: n, updated: n })

export const samplesSchema = z.strictObject({
  hostId: z.string(),
  /** Milliseconds since the epoch as it was when the observer started: by a clock that nobody sets, because rates are made of it. */
  at: n,
  links: z.record(z.string(), linkCountersSchema).optional(),
  rules: z.record(z.string(), ruleCounters).optional(),
  conntrack: z.record(z.string(), conntrackSample).optional(),
  fdb: z.record(z.string(), ages).optional(),
  neighbours: z.record(z.string(), ages).optional(),
})
export type Samples = z.infer<typeof samplesSchema>
