import type { SampleTopic } from '@hopscope/model'
import {
  type BrowserToHub,
  createJoiner,
  type ErrorCode,
  type HubToBrowser,
  PROTOCOL_VERSION,
  type Progress,
  progressSchema,
  readMessage,
  refusedSchema,
  type Stories,
  storiesSchema,
  type TraceEnd,
  traceEndSchema,
} from '@hopscope/protocol'
import type { z } from 'zod'
import { HostStore, type Outcome } from './hostStore.ts'
import { SamplesStore } from './samplesStore.ts'

/** The part of a socket.io client that the stream needs; events and messages are typed by the protocol. */
export type Wire = {
  connected: boolean
  /** Of this connection. */
  id?: string | undefined
  on<E extends keyof HubToBrowser>(event: E, listener: HubToBrowser[E]): unknown
  on(event: 'connect' | 'disconnect', listener: () => void): unknown
  on(event: 'connect_error', listener: (error: Error & { data?: unknown }) => void): unknown
  emit<E extends keyof BrowserToHub>(event: E, ...message: Parameters<BrowserToHub[E]>): unknown
}

/** The link to the hub. `since` in ms since the epoch; `refused` when the hub will not have this page. */
export type LinkState = { state: 'connecting' | 'connected' | 'disconnected'; since: number; refused?: ErrorCode }

/** Hears how changes get on; `missed`: a new connection, before which some may have been told in vain. */
export type ProgressListener = { progress(progress: Progress): void; missed(): void }

/** Hears the packets of tracings that this page began; `gone`: the connection ended, and with it all of them. */
export type TracingListener = { stories(message: Stories): void; traced(message: TraceEnd): void; gone(): void }

type Clock = { now: () => number; frame: (run: () => void) => void; later: (ms: number, run: () => void) => void }

/** Joins a socket to the stores and tells readers of the first change at once, and then at most once per animation frame. */
export class Stream {
  readonly store = new HostStore()
  readonly samples: SamplesStore
  link: LinkState
  #wire: Wire | undefined
  #clock: Clock
  #joiner = createJoiner()
  #listeners = new Set<() => void>()
  #progress = new Set<ProgressListener>()
  #tracing = new Set<TracingListener>()
  #framed = false
  #again = false
  #expiring = false

  constructor(clock: Clock) {
    this.#clock = clock
    this.link = { state: 'connecting', since: clock.now() }
    this.samples = new SamplesStore((hostId, topics) => this.#watch(hostId, topics))
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Hears of changes, on all hosts, until the returned function is called. */
  onProgress(listener: ProgressListener): () => void {
    this.#progress.add(listener)
    if (this.#progress.size === 1) this.#watchChanges(true)
    return () => {
      if (this.#progress.delete(listener) && this.#progress.size === 0) this.#watchChanges(false)
    }
  }

  /** Tells it here as well: what an answer says of a change need not come as news to a page that has just connected anew. */
  tellProgress(message: Progress): void {
    for (const { progress } of this.#progress) progress(message)
  }

  /** Hears what is traced for this page, until the returned function is called. */
  onTracing(listener: TracingListener): () => void {
    this.#tracing.add(listener)
    return () => this.#tracing.delete(listener)
  }

  /** The connection that tracings belong to; undefined while there is none. */
  get page(): string | undefined {
    return this.#wire?.connected ? this.#wire.id : undefined
  }

  /** Takes over a socket; messages of an earlier one no longer count. */
  attach(wire: Wire): void {
    this.#wire = wire
    const mine =
      <A extends unknown[]>(run: (...args: A) => void) =>
      (...args: A) => {
        if (this.#wire === wire) run(...args)
      }
    const { store } = this
    const now = this.#clock.now
    wire.on(
      'connect',
      mine(() => this.#greet(wire)),
    )
    wire.on(
      'disconnect',
      mine(() => {
        for (const { gone } of this.#tracing) gone()
        this.#setLink({ ...this.link, state: 'disconnected', since: now() })
      }),
    )
    wire.on(
      'connect_error',
      mine((e) => this.#failed(e)),
    )
    wire.on(
      'hosts',
      mine((list) => this.#took('', store.receiveHosts(list))),
    )
    wire.on(
      'snapshot',
      mine((m) => this.#took(m.hostId, store.receiveSnapshot(m, now()))),
    )
    wire.on(
      'part',
      mine((part) => {
        const m = this.#joiner.take(part)
        wire.emit('got', { hostId: part.hostId })
        if (m) this.#took(m.hostId, store.receiveSnapshot(m, now()))
      }),
    )
    wire.on(
      'patch',
      mine((m) => this.#took(m.hostId, store.receivePatch(m, now()))),
    )
    wire.on(
      'marks',
      mine((marks) => {
        for (const hostId of store.receiveMarks(marks, now())) wire.emit('resync', { hostId })
      }),
    )
    wire.on(
      'samples',
      mine((m) => {
        this.samples.receive(m)
        this.#changed()
      }),
    )
    wire.on('progress', mine(told(progressSchema, this.#progress, ({ progress }, message) => progress(message))))
    wire.on('stories', mine(told(storiesSchema, this.#tracing, ({ stories }, message) => stories(message))))
    wire.on('traced', mine(told(traceEndSchema, this.#tracing, ({ traced }, message) => traced(message))))
    wire.on(
      'refused',
      mine(({ code }) => this.#setLink({ state: 'disconnected', since: now(), refused: code })),
    )
    if (wire.connected) this.#greet(wire)
    else this.#setLink({ state: 'connecting', since: now() })
  }

  #greet(wire: Wire): void {
    this.store.reconnected()
    this.#joiner.clear()
    wire.emit('hello', { protocol: PROTOCOL_VERSION, known: this.store.known() })
    for (const w of this.samples.watched()) wire.emit('watch', w)
    if (this.#progress.size > 0) wire.emit('watchChanges', { on: true })
    for (const { missed } of this.#progress) missed()
    this.#setLink({ state: 'connected', since: this.#clock.now() })
  }

  #failed(e: Error & { data?: unknown }): void {
    const refused = refusedSchema.safeParse(e.data).data?.code
    const since = this.link.state === 'connected' ? this.#clock.now() : this.link.since
    this.#setLink({ state: 'disconnected', since, ...(refused && { refused }) })
  }

  #watch(hostId: string, topics: SampleTopic[]): void {
    if (this.#wire?.connected) this.#wire.emit('watch', { hostId, topics })
  }

  #watchChanges(on: boolean): void {
    if (this.#wire?.connected) this.#wire.emit('watchChanges', { on })
  }

  #took(hostId: string, outcome: Outcome): void {
    if (outcome === 'resync') this.#wire?.emit('resync', { hostId })
    if (outcome === 'applied') this.#changed()
    if (this.store.hasChanges) this.#expireLater()
  }

  #setLink(link: LinkState): void {
    this.link = link
    this.#changed()
  }

  #expireLater(): void {
    if (this.#expiring) return
    this.#expiring = true
    this.#clock.later(1_000, () => {
      this.#expiring = false
      if (this.store.expireChanges(this.#clock.now())) this.#changed()
      if (this.store.hasChanges) this.#expireLater()
    })
  }

  /** The first change is told at once; those that follow before the next frame are told together, in it. */
  #changed(): void {
    if (this.#framed) {
      this.#again = true
      return
    }
    this.#framed = true
    this.#clock.frame(() => {
      this.#framed = false
      if (!this.#again) return
      this.#again = false
      this.#changed()
    })
    for (const tell of this.#listeners) tell()
  }
}

/** Passes a message on to all who listen, once it is understood. */
function told<L, T>(schema: z.ZodType<T>, listeners: ReadonlySet<L>, tell: (listener: L, message: T) => void) {
  return (raw: unknown): void => {
    const message = readMessage(schema, raw)
    if (message.success) for (const listener of listeners) tell(listener, message.data)
    else console.warn('The hub told what this page does not understand:', message.why)
  }
}
