import { Random } from '@hopscope/testkit/random'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AgentSocket } from '../../../agent/src/dial.ts'
import { Stream, type Wire } from '../../../web/src/stream/stream.ts'
import { AgentWithoutKernel, neighbour } from './agent.ts'
import { Client } from './client.ts'
import { HubInMemory } from './hub.ts'
import type { Faults } from './line.ts'

// HOPSCOPE_SEED starts elsewhere; a failure names the seed of its schedule, which repeats it.
const first = Number(process.env.HOPSCOPE_SEED ?? 1)
const schedules = Number(process.env.HOPSCOPE_SCHEDULES ?? 1_000)
const STEPS = 40
const PAGES = 2
/** In one schedule of so many, hosts are large and come in parts. */
const PARTED = 20
const NEVER = 2 ** 31 - 1
/** Time for everybody to notice a broken connection (a ping timeout) and to connect anew. */
const BACK = 40_000
/** Two rounds of marks: one that finds the hub behind, one that finds a page behind; and the answers. */
const MARKED = 21_000
const LIMIT = 240_000

/** An agent with two hosts, a hub and some pages, on the clock of the test, under the faults of a seed. */
class World {
  readonly random: Random
  readonly hub: HubInMemory
  readonly agent: AgentWithoutKernel
  readonly pages: { stream: Stream; client: Client }[] = []
  faults: { agents: Faults; pages: Faults } = { agents: { kind: 'none' }, pages: { kind: 'none' } }
  #agentClient: Client | undefined

  constructor(seed: number, marks: boolean) {
    this.random = new Random(seed)
    const { random } = this
    this.hub = new HubInMemory(marks)
    const { hub } = this
    const open = () => {
      const faults = () => this.faults.agents
      this.#agentClient = new Client({ hub, random, from: 'agents', faults, reconnects: false })
      return this.#agentClient as unknown as AgentSocket // it has all that the link uses
    }
    const records = seed % PARTED === 0 ? 450 : 0
    this.agent = new AgentWithoutKernel({ hosts: HOSTS, random, open, records, ...(!marks && { markEvery: NEVER }) })
    for (let n = 0; n < PAGES; n++) this.openPage(n)
  }
  openPage(n: number): void {
    const { random, hub } = this
    this.pages[n]?.client.disconnect()
    const client = new Client({ hub, random, from: 'pages', faults: () => this.faults.pages, reconnects: true })
    const stream = new Stream({
      now: Date.now,
      frame: (run) => setTimeout(run, 16),
      later: (ms, run) => setTimeout(run, ms),
    })
    stream.attach(client as unknown as Wire) // its events are typed by the listeners
    this.pages[n] = { stream, client }
  }
  /** One thing happens. */
  step(): void {
    const { random, agent } = this
    const host = random.pick(HOSTS) ?? 'a'
    const n = random.below(40)
    if (n < 26) for (let i = random.below(4); i >= 0; i--) agent.change(host)
    else if (n < 29) this.#agentClient?.cut()
    else if (n < 32) random.pick(this.pages)?.client.cut()
    else if (n < 33) this.openPage(random.below(PAGES))
    else if (n < 35) this.restartHub()
    else if (n < 36) agent.restart()
    else if (n < 38) this.loseObserver(host)
    else if (n < 39) this.endHost(host)
    else pass(random.below(12_000))
    pass(random.below(4) === 0 ? random.below(600) : random.below(30))
  }
  restartHub(): void {
    this.hub.stop()
    pass(this.random.below(3_000))
    this.hub.start()
  }
  loseObserver(host: string): void {
    this.agent.lose(host)
    pass(this.random.below(1_500))
    this.agent.observe(host)
  }
  endHost(host: string): void {
    this.agent.end(host)
    pass(this.random.below(1_500))
    this.agent.observe(host)
  }
  /** Who holds another state than the agent. */
  astray(): string[] {
    return HOSTS.flatMap((host) => {
      const wanted = this.agent.hash(host)
      const status = this.hub.hosts.list().find((one) => one.host.id === host)?.status
      const held = this.pages.map(({ stream }) => stream.store.hosts.get(host))
      const wrong = held.flatMap((entry, n) => (entry?.hash === wanted ? [] : [`page ${n} has another ${host}`]))
      const stale = held.flatMap((entry, n) => (entry?.status === 'live' ? [] : [`page ${n} says ${host} is stale`]))
      return [...wrong, ...stale, ...(status === 'live' ? [] : [`the hub says ${host} is ${status}`])]
    })
  }
  /** Milliseconds until everybody agrees with the agent; fails after the limit. */
  settle(limit: number, why: string): number {
    let took = 0
    for (; this.astray().length > 0 && took < limit; took += 250) pass(250)
    expect(this.astray(), why).toEqual([])
    return took
  }
  close(): void {
    for (const { client } of this.pages) client.disconnect()
    this.agent.close()
    this.hub.stop()
    vi.clearAllTimers()
  }
}

const HOSTS = ['a', 'b']
const pass = (ms: number) => vi.advanceTimersByTime(ms)
const seeds = (many: number) => Array.from({ length: many }, (_, n) => first + n)

describe('a page equals the agent', () => {
  beforeEach(() => {
    const toFake = [
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
      'clearImmediate',
      'Date',
      'performance',
    ] as const
    vi.useFakeTimers({ toFake: [...toFake], now: 1_000_000 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it(`after ${schedules / 2} schedules of cuts and restarts, by what sockets promise alone (seeds from ${first})`, {
    timeout: LIMIT,
  }, () => {
    for (const seed of seeds(schedules / 2)) {
      const world = new World(seed, false)
      for (let n = 0; n < STEPS; n++) world.step()
      world.settle(BACK, `seed ${seed}`)
      world.close()
    }
  })

  it(`after ${schedules} schedules in which messages are also lost, repeated and reordered (seeds from ${first})`, {
    timeout: LIMIT,
  }, () => {
    const times: number[] = []
    for (const seed of seeds(schedules)) {
      const world = new World(seed, true)
      const some = { kind: 'some', rate: 0.1 + world.random.next() * 0.5 } as const
      world.faults = { agents: some, pages: some }
      for (let n = 0; n < STEPS; n++) world.step()
      world.faults = { agents: { kind: 'none' }, pages: { kind: 'none' } }
      world.settle(BACK, `seed ${seed}, after the faults`)
      pass(BACK) // an end of a broken connection that looks well has nothing to do with what comes now
      // The last change of a host that is quiet from now on is lost, on its way to the hub or from there.
      world.faults[world.random.pick(['agents', 'pages'] as const) ?? 'pages'] = { kind: 'all' }
      world.agent.stores.get('a')?.sink.put('neighbour', neighbour(200, 'STALE', seed))
      pass(100)
      world.faults = { agents: { kind: 'none' }, pages: { kind: 'none' } }
      expect(world.astray(), `seed ${seed}: the last message arrived`).not.toEqual([])
      times.push(world.settle(MARKED, `seed ${seed}, after the loss of the last message`))
      world.close()
    }
    times.sort((a, b) => a - b)
    console.log(
      `convergence: after a lost last message ${times[times.length >> 1]} ms (median), ${times.at(-1)} ms (longest)`,
    )
  })
})
