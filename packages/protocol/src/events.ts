import {
  diffSchema,
  hostInfoSchema,
  hostSnapshotSchema,
  recordListsSchema,
  type Samples,
  samplesSchema,
  sampleTopic,
} from '@hopscope/model'
import { z } from 'zod'
import { type ChangeMessage, changeSchema } from './changes.ts'
import { errorCode } from './errors.ts'
import type { Stories, TraceEnd, TraceMessage } from './tracing.ts'

// Two socket.io namespaces: AGENTS for host agents (per-install key), BROWSERS for pages (session cookie).
export const AGENTS = '/agent'
export const BROWSERS = '/ui'

/** One state of one host: `epoch` is new at every start of the observer, `revision` counts from 1 within it. */
export const versionSchema = z.strictObject({ epoch: z.string(), revision: z.number().int().nonnegative() })
export type Version = z.infer<typeof versionSchema>

const hostId = z.string().min(1).max(200)

export const agentAuthSchema = z.strictObject({ key: z.string().max(200), protocol: z.number().int() })
export const snapshotMessageSchema = z.strictObject({
  hostId,
  version: versionSchema,
  /** stateHash of the records. */
  hash: z.string(),
  snapshot: hostSnapshotSchema,
})
export type SnapshotMessage = z.infer<typeof snapshotMessageSchema>
/** A large snapshot goes in parts, one after the other and no patch of that host between; see `parts.ts`. */
export const snapshotPartSchema = z.strictObject({
  hostId,
  version: versionSchema,
  /** stateHash of all parts together. */
  hash: z.string(),
  host: hostInfoSchema,
  /** Its place, from 0. */
  at: z.number().int().nonnegative(),
  of: z.number().int().positive().max(10_000),
  records: recordListsSchema,
})
export type SnapshotPart = z.infer<typeof snapshotPartSchema>
export const patchMessageSchema = z.strictObject({
  hostId,
  epoch: z.string(),
  from: z.number().int(),
  to: z.number().int(),
  hash: z.string(),
  diff: diffSchema,
})
export type PatchMessage = z.infer<typeof patchMessageSchema>
export const watchSchema = z.strictObject({ hostId, topics: z.array(sampleTopic) })
export type Watch = z.infer<typeof watchSchema>
export const samplesMessageSchema = samplesSchema
export const goneSchema = z.strictObject({ hostId })

/** Where the sender is with a host. Whoever is elsewhere has missed something, perhaps the last message of a quiet host. */
export const markSchema = z.strictObject({ hostId, version: versionSchema, hash: z.string().max(100) })
export type Mark = z.infer<typeof markSchema>
export const marksSchema = z.array(markSchema)
/** A mark of each host is sent once in this many milliseconds. */
export const MARK_EVERY = 10_000

/** The ends of the agent's connection to the hub, as the agent sees them: what carries it must not be cut unasked. */
export const waySchema = z.strictObject({ local: z.string().max(60), remote: z.string().max(60) })
export type HubWay = z.infer<typeof waySchema>

/** How far a change is: its whole state, whenever its journal is written, whoever runs it. */
export const progressSchema = z.strictObject({ hostId, change: changeSchema })
export type Progress = z.infer<typeof progressSchema>
export const watchChangesSchema = z.strictObject({ on: z.boolean() })

/** How fresh what the hub holds of a host is. `stale`: the agent is away since `since` (ms since the epoch). */
export const hostStatusSchema = z.strictObject({
  host: hostInfoSchema,
  status: z.enum(['live', 'stale']),
  since: z.number(),
  version: versionSchema,
})
export type HostStatus = z.infer<typeof hostStatusSchema>

export const helloSchema = z.strictObject({
  protocol: z.number().int(),
  /** What the page holds already, by host id: the hub answers with the patches since, or a snapshot. */
  known: z.record(z.string(), versionSchema),
})
export type Hello = z.infer<typeof helloSchema>

/** Agent → hub. The hub acknowledges a snapshot or patch it could not use by emitting `resync`. */
export interface AgentToHub {
  snapshot: (message: SnapshotMessage) => void
  /** A large snapshot arrives in parts, one after the other; with the last one it is there. */
  part: (part: SnapshotPart) => void
  patch: (message: PatchMessage) => void
  samples: (samples: Samples) => void
  progress: (message: Progress) => void
  /** Packets of a tracing that a page asked for. */
  stories: (message: Stories) => void
  traced: (message: TraceEnd) => void
  /** The ends of this connection; `heard` is called by a hub that has it. */
  way: (message: HubWay, heard: () => void) => void
  /** A vantage ended (its sandbox was taken down): forget the host. */
  gone: (message: z.infer<typeof goneSchema>) => void
  /** A vantage's observer ended and is started again: what is held of the host is stale until its next snapshot. */
  away: (message: z.infer<typeof goneSchema>) => void
  /** The state that was told last of every host of this agent; a host that is not named is `away`. */
  marks: (marks: Mark[]) => void
}

/** Why the hub ends a connection (PROTOCOL_MISMATCH), sent right before it does. */
export const refusedSchema = z.strictObject({ code: errorCode })
export type Refused = z.infer<typeof refusedSchema>

/** Hub → agent. A refused handshake arrives as `connect_error` with a `Refused` in its `data`. */
export interface HubToAgent {
  /** Send a whole snapshot of that host. */
  resync: (message: { hostId: string }) => void
  /** The union of what all pages look at on that host; an empty list stops sampling. */
  watch: (message: Watch) => void
  /** Tell the figures of all observers, in the shape of `agentMetricsSchema`. */
  metrics: (answer: (metrics: unknown) => void) => void
  /** Change a host; the answer is a `ChangeAnswer`. */
  change: (message: ChangeMessage, answer: (came: unknown) => void) => void
  /** Trace packets on a host; the answer is a `TraceAnswer`. A tracing ends with this connection. */
  trace: (message: TraceMessage, answer: (came: unknown) => void) => void
  /** What was changed on a host; the answer is a list of `Change`, newest first. */
  history: (message: { hostId: string }, answer: (changes: unknown) => void) => void
}

/** Page → hub. */
export interface BrowserToHub {
  hello: (message: Hello) => void
  /** Which samples this page wants of a host; replaces what it wanted before. */
  watch: (message: Watch) => void
  /** Whether this page wants to hear of changes, on all hosts. */
  watchChanges: (message: z.infer<typeof watchChangesSchema>) => void
  /** The page got a part of a snapshot; the hub sends few parts ahead of that. */
  got: (message: { hostId: string }) => void
  /** The page could not apply a patch (gap, new epoch, wrong hash). */
  resync: (message: { hostId: string }) => void
}

/** Hub → page. */
export interface HubToBrowser {
  /** All hosts and their freshness, at connect and whenever it changes. Hosts not named are gone. */
  hosts: (hosts: HostStatus[]) => void
  snapshot: (message: SnapshotMessage) => void
  /** A large snapshot arrives in parts, one after the other; with the last one it is there. */
  part: (part: SnapshotPart) => void
  patch: (message: PatchMessage) => void
  samples: (samples: Samples) => void
  progress: (message: Progress) => void
  /** Packets of a tracing that this page began, and its end. */
  stories: (message: Stories) => void
  traced: (message: TraceEnd) => void
  /** What the hub holds of each host that it has a state of. */
  marks: (marks: Mark[]) => void
  refused: (message: Refused) => void
}
