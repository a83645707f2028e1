import type { Random } from '@hopscope/testkit/random'
import type { HubInMemory } from './hub.ts'
import { type Faults, type Line, openLine } from './line.ts'

type Options = {
  hub: HubInMemory
  random: Random
  from: 'agents' | 'pages'
  faults: () => Faults
  /** Comes back by itself, as socket.io does for pages; the agent's link does that on its own. */
  reconnects: boolean
}

/** A socket.io client as far as agent and page use it, over a line in memory. */
export class Client {
  connected = false
  /** Where the agent's link looks how much waits to be sent. */
  readonly io = { engine: { transport: {} } }
  readonly #options: Options
  readonly #listeners = new Map<string, Set<(payload: never) => void>>()
  #line: Line | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: Options) {
    this.#options = options
    this.#dialIn(0)
  }
  on = (event: string, listener: (payload: never) => void): void => {
    const there = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, there.add(listener))
  }
  emit = (event: string, payload?: unknown): void => this.#line?.near.send(event, payload)
  removeAllListeners(): void {
    this.#listeners.clear()
  }
  disconnect(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#line?.near.close('io client disconnect')
  }
  /** The connection breaks. */
  cut(): void {
    this.#line?.cut()
  }

  #dialIn(milliseconds: number): void {
    if (!this.#closed) this.#timer = setTimeout(() => this.#dial(), milliseconds)
  }
  #dial(): void {
    const { hub, random, from, faults, reconnects } = this.#options
    const line = openLine(random, faults)
    this.#line = line
    line.near.handlers = {
      onMessage: (event, payload) => {
        if (event === 'connect') this.connected = true
        this.#tell(event, payload)
      },
      onClose: (reason) => {
        this.#line = undefined
        const told = this.connected ? 'disconnect' : 'connect_error'
        this.connected = false
        if (!this.#closed) this.#tell(told, told === 'disconnect' ? reason : new Error(reason))
        if (reconnects) this.#dialIn(500 + random.below(2_500))
      },
    }
    if (!hub.accept(from, line)) line.near.close('nobody listens')
  }
  #tell(event: string, payload: unknown): void {
    // Listeners take what their event carries; `on` is typed by agent and page.
    for (const listener of this.#listeners.get(event) ?? []) listener(payload as never)
  }
}
