import { z } from 'zod'

export const SOURCES = [
  'namespaces',
  'links',
  'addresses',
  'routes',
  'neighbours',
  'fdb',
  'sysctl',
  'nftables',
  'iptablesLegacy',
  'conntrack',
  'sockets',
  'docker',
] as const
export const sourceName = z.enum(SOURCES)
export type SourceName = z.infer<typeof sourceName>
export const sourceId = (name: SourceName): string => `source:${name}`

/** Why a source cannot be read; the page has a sentence and a remedy for each, in every language. */
export const unavailableReason = z.enum([
  'NOT_ROOT', // needs a capability that the agent lacks
  'NOT_INSTALLED', // a program is missing
  'NOT_IN_KERNEL', // this kernel lacks the feature
  'NOT_RUNNING', // nobody answers at the socket (dockerd is down)
  'NO_PERMISSION', // the socket or file refuses us
  'FAILED', // anything else; see `detail`
])
export type UnavailableReason = z.infer<typeof unavailableReason>

/** Whether one source of facts can be read, and why not. */
export const sourceSchema = z.strictObject({
  id: z.string(),
  name: sourceName,
  state: z.enum(['ok', 'partial', 'unavailable']),
  reason: unavailableReason.optional(),
  /** One English sentence naming the object: file, program or capability. */
  detail: z.string().optional(),
  /** How many records a bound left out (conntrack). */
  omitted: z.number().optional(),
})
export type Source = z.infer<typeof sourceSchema>
