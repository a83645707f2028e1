import type { HostInfo, Samples, SampleTopic } from '@hopscope/model'
import type { AgentValues, PatchMessage, SnapshotMessage } from '@hopscope/protocol'
import { watchEventLoop } from './metrics/eventLoop.ts'
import { valuesOf } from './metrics/values.ts'
import type { RunningObserver } from './observer.ts'

/** What a host has to say to the hub. */
export type FeedMessage =
  | { type: 'snapshot'; message: SnapshotMessage }
  | { type: 'patch'; message: PatchMessage }
  | { type: 'samples'; message: Samples }

/** One observed host, whichever process observes it. */
export type HostFeed = {
  readonly hostId: string
  /** Sends a whole snapshot, and patches from then on. */
  resync(): void
  watch(topics: readonly SampleTopic[]): void
  /** Figures of the process that observes the host; rejects when it does not answer. */
  metrics(): Promise<AgentValues>
  close(): Promise<void>
}

/** Puts an observer's state into messages for the hub; nothing is sent before the first `resync`. */
export function feedOf(observer: RunningObserver, send: (message: FeedMessage) => void): HostFeed & { host: HostInfo } {
  const { store, host } = observer
  const hostId = host.id
  const loop = watchEventLoop()
  let sent: number | undefined
  const stop = store.subscribe(({ from, to, diff, hash }) => {
    if (sent !== from) return
    sent = to
    send({ type: 'patch', message: { hostId, epoch: store.epoch, from, to, hash, diff } })
  })
  observer.onSamples((message) => {
    if (sent !== undefined) send({ type: 'samples', message })
  })
  return {
    host,
    hostId,
    resync() {
      const { snapshot, revision, hash } = store.current()
      sent = revision
      send({ type: 'snapshot', message: { hostId, version: { epoch: store.epoch, revision }, hash, snapshot } })
    },
    watch: observer.watch,
    metrics: async () => valuesOf(observer, loop.longest()),
    async close() {
      stop()
      loop.close()
      await observer.close()
    },
  }
}
