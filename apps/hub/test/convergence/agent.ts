import { emptySnapshot, type HostInfo, type Neighbour, neighbourId } from '@hopscope/model'
import { MARK_EVERY } from '@hopscope/protocol'
import type { Random } from '@hopscope/testkit/random'
import { pino } from 'pino'
import { io } from 'socket.io-client'
import { feedOf, type HostFeed } from '../../../agent/src/feed.ts'
import { type HubLink, openHubLink } from '../../../agent/src/hubLink.ts'
import type { RunningObserver } from '../../../agent/src/observer.ts'
import { systemScheduler } from '../../../agent/src/scheduler.ts'
import { createStore, type Store } from '../../../agent/src/store.ts'

const log = pino({ level: 'silent' })
const STATES = ['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED'] as const

export type AgentOptions = {
  hosts: readonly string[]
  random: Random
  /** How many records a host has at first, besides those that come and go. */
  records?: number
  /** Milliseconds between marks. */
  markEvery?: number
  /** Opens a socket; a real one when left out. */
  open?: Parameters<typeof openHubLink>[0]['open']
  url?: string
  key?: string
  /** Sent along when it connects. */
  headers?: Record<string, string>
}

/** The agent's store, feed and link, with a made-up observer of each host. */
export class AgentWithoutKernel {
  readonly stores = new Map<string, Store>()
  readonly #feeds = new Map<string, HostFeed>()
  readonly #options: AgentOptions
  #link: HubLink

  constructor(options: AgentOptions) {
    this.#options = options
    this.#link = this.#connect()
    for (const host of options.hosts) this.observe(host)
  }
  /** Starts observing a host: a new epoch. */
  observe(hostId: string): void {
    const store = createStore(hostInfo(hostId), systemScheduler)
    this.stores.set(hostId, store)
    for (let n = 0; n < 6; n++) this.change(hostId)
    const { records = 0 } = this.#options
    for (let n = 0; n < records; n++) store.sink.put('neighbour', neighbour(1_000 + n, 'PERMANENT', n))
    store.flush()
    // A feed needs no more of an observer than this.
    const observer = { store, host: store.host, watch: () => undefined, onSamples: () => undefined } as unknown
    const feed = feedOf(observer as RunningObserver, (message, sent) => {
      this.#link.send(message)
      if (sent) setImmediate(sent)
    }) // as above
    this.#feeds.set(hostId, feed)
    this.#link.add(feed)
  }
  /** An entry comes, changes or goes. */
  change(hostId: string): void {
    const { random } = this.#options
    const sink = this.stores.get(hostId)?.sink
    const one = neighbour(random.below(12), random.pick(STATES) ?? 'STALE', random.below(1_000_000))
    if (random.below(3) === 0) sink?.del('neighbour', one.id)
    else sink?.put('neighbour', one)
  }
  hash(hostId: string): string | undefined {
    const store = this.stores.get(hostId)
    store?.flush()
    return store?.current().hash
  }
  /** The observer of a host dies; `observe` starts another. */
  lose(hostId: string): void {
    this.#drop(hostId)
    this.#link.away(hostId)
  }
  /** The host ends for good. */
  end(hostId: string): void {
    this.#drop(hostId)
    this.#link.remove(hostId)
  }
  /** The process dies and is started again. */
  restart(): void {
    const hosts = [...this.stores.keys()]
    this.close()
    this.#link = this.#connect()
    for (const hostId of hosts) this.observe(hostId)
  }
  close(): void {
    for (const hostId of [...this.stores.keys()]) this.#drop(hostId)
    this.#link.close()
  }
  connected(): boolean {
    return this.#link.connected()
  }

  #drop(hostId: string): void {
    this.stores.get(hostId)?.close()
    this.stores.delete(hostId)
    this.#feeds.delete(hostId)
  }
  #connect(): HubLink {
    const { headers, url = 'http://hub.test', key = 'key', markEvery = MARK_EVERY } = this.#options
    const named: AgentOptions['open'] = (to, options) =>
      io(to, { ...options, extraHeaders: { ...options.extraHeaders, ...headers } })
    const { open = headers && named } = this.#options
    const finding = { findHub: () => url, readKey: () => key, keyPlace: 'here' }
    return openHubLink({ ...finding, log, markEvery, ...(open && { open }), retry: { first: 100, longest: 2_000 } })
  }
}

export function hostInfo(id: string): HostInfo {
  const kernel = { kernel: '6', bootId: 'b', rootNetns: 'ns:1', agentVersion: '0', privileged: true }
  return emptySnapshot({ id, name: id, vantage: { kind: 'host' }, ...kernel }).host
}

export function neighbour(n: number, state: Neighbour['state'], mac: number): Neighbour {
  const where = { netns: 'ns:1', index: 1, address: `10.0.${n >> 8}.${n & 255}`, proxy: false }
  const lladdr = mac.toString(16).padStart(12, '0')
  return { id: neighbourId(where), ...where, family: 'inet', state, lladdr, router: false, externLearn: false }
}
