import type { HostInfo, Samples, SampleTopic } from '@hopscope/model'
import {
  type AgentValues,
  type PartPlan,
  type PatchMessage,
  type Progress,
  partOf,
  planParts,
  type SnapshotMessage,
  type SnapshotPart,
} from '@hopscope/protocol'
import { ownPorts } from './capture/ownPorts.ts'
import { createTracing, type Tracing, type TracingMessage } from './capture/tracing.ts'
import { type Changing, type OwnChanging, unchangeable } from './execute/changing.ts'
import { watchEventLoop } from './metrics/eventLoop.ts'
import { valuesOf } from './metrics/values.ts'
import type { RunningObserver } from './observer.ts'

/** What a host has to say to the hub. */
export type FeedMessage =
  | { type: 'snapshot'; message: SnapshotMessage }
  | { type: 'part'; message: SnapshotPart }
  | { type: 'patch'; message: PatchMessage }
  | { type: 'samples'; message: Samples }
  | { type: 'progress'; message: Progress }
  | TracingMessage

/** One observed host, whichever process observes it. */
export type HostFeed = {
  readonly hostId: string
  /** Sends a whole snapshot, and patches from then on. */
  resync(): void
  watch(topics: readonly SampleTopic[]): void
  /** Figures of the process that observes the host; rejects when it does not answer. */
  metrics(): Promise<AgentValues>
  /** Changes the host, and tells what was changed. */
  readonly changing: Changing
  /** Traces packets on the host. */
  readonly tracing: Tracing
  close(): Promise<void>
}

/** Sends a message; calls back when there is room for another large one, in a later turn of the event loop. */
export type Send = (message: FeedMessage, sent?: () => void) => void

/** `findHub`: where the hub is, if what is told it goes over the network of this very host. */
type FeedOptions = { changing?: OwnChanging; findHub?: () => string }

/** Puts an observer's state into messages for the hub; nothing is sent before the first `resync`. */
export function feedOf(
  observer: RunningObserver,
  send: Send,
  { changing = unchangeable, findHub }: FeedOptions = {},
): HostFeed & { host: HostInfo } {
  const { store, host } = observer
  const hostId = host.id
  const loop = watchEventLoop()
  let sent: number | undefined
  const inParts = createPartSender(send, () => feed.resync())
  const stop = store.subscribe(({ from, to, diff, hash }) => {
    if (sent !== from) return
    sent = to
    inParts.patch({ hostId, epoch: store.epoch, from, to, hash, diff })
  })
  observer.onSamples((message) => {
    if (sent !== undefined) send({ type: 'samples', message })
  })
  const endProgress = changing.onProgress((change) => send({ type: 'progress', message: { hostId, change } }))
  const feed: HostFeed & { host: HostInfo } = {
    host,
    hostId,
    resync() {
      const { snapshot, revision, hash } = store.current()
      sent = revision
      inParts.snapshot({ hostId, version: { epoch: store.epoch, revision }, hash, snapshot })
    },
    watch: observer.watch,
    changing,
    tracing: createTracing({ observer, send, own: () => (findHub ? ownPorts(host, findHub()) : []) }),
    metrics: async () => valuesOf(observer, loop.longest()),
    async close() {
      stop()
      endProgress()
      changing.close()
      feed.tracing.end()
      inParts.stop()
      loop.close()
      await observer.close()
    },
  }
  return feed
}

/** So many patches may wait for the end of a snapshot. */
const MOST_PATCHES = 64

/** Sends a large snapshot part by part, with turns for everything else between; patches wait until all of it is on its way. */
function createPartSender(send: Send, again: () => void) {
  let sending: PartPlan | undefined
  let waiting: PatchMessage[] = []

  const stop = (): void => {
    sending = undefined
    waiting = []
  }
  const go = (plan: PartPlan, at: number): void => {
    if (sending !== plan) return
    if (at < plan.parts.length) {
      send({ type: 'part', message: partOf(plan, at) }, () => go(plan, at + 1))
      return
    }
    const patches = waiting
    const tooMany = patches.length > MOST_PATCHES
    stop()
    if (tooMany) again()
    else for (const message of patches) send({ type: 'patch', message })
  }
  return {
    snapshot(message: SnapshotMessage): void {
      // One that is half sent is of no use any more.
      stop()
      sending = planParts(message)
      if (sending) go(sending, 0)
      else send({ type: 'snapshot', message })
    },
    patch(message: PatchMessage): void {
      // One more than is sent says that there were too many; then a snapshot that has them all is sent instead.
      if (sending) {
        if (waiting.length <= MOST_PATCHES) waiting.push(message)
      } else send({ type: 'patch', message })
    },
    stop,
  }
}
