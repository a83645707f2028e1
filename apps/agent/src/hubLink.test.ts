import { createServer } from 'node:http'
import { type HostInfo, type HostSnapshot, type Link, linkId, stateHash } from '@hopscope/model'
import {
  AGENTS,
  type AgentToHub,
  agentMetricsSchema,
  type Change,
  type ChangeMessage,
  type HubToAgent,
  type PatchMessage,
  type SnapshotMessage,
} from '@hopscope/protocol'
import { pino } from 'pino'
import { type DefaultEventsMap, Server } from 'socket.io'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import type { Changing } from './execute/changing.ts'
import { feedOf } from './feed.ts'
import { openHubLink } from './hubLink.ts'
import { readHostInfo } from './observe/hostInfo.ts'
import { systemScheduler } from './scheduler.ts'
import { createStore } from './store.ts'

const KEY = 'the-key'
/** Asserts what becomes true, on a busy machine perhaps a little later. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 })

/** A hub as far as an agent can tell: the same refusals, and a record of what came. */
class Hub {
  readonly got: ({ type: 'snapshot'; message: SnapshotMessage } | { type: 'patch'; message: PatchMessage })[] = []
  readonly gone: string[] = []
  tries = 0
  /** The answer to a handshake: a code, or undefined for a welcome. */
  refuse: (key: unknown) => string | undefined = (key) => (key === KEY ? undefined : 'AGENT_KEY_WRONG')
  /** The status with which an upgrade is refused. */
  refuseUpgrade: number | undefined
  /** Whether it is heard to answer. */
  answers = true
  port = 0
  #io: Server<AgentToHub, HubToAgent, DefaultEventsMap, unknown> | undefined

  async start(): Promise<void> {
    const http = createServer()
    this.#io = new Server(http, { serveClient: false, maxHttpBufferSize: 1 << 26 })
    this.#io.engine.use((request: { socket: { end(text: string): void } }, _response: unknown, next: () => void) => {
      if (this.refuseUpgrade === undefined) return next()
      this.tries++
      request.socket.end(`HTTP/1.1 ${this.refuseUpgrade} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
    })
    const agents = this.#io.of(AGENTS)
    agents.use((socket, next) => {
      this.tries++
      const code = this.refuse(socket.handshake.auth.key)
      next(code === undefined ? undefined : new Error(code))
    })
    agents.on('connection', (socket) => {
      socket.on('snapshot', (message) => void this.got.push({ type: 'snapshot', message }))
      socket.on('patch', (message) => void this.got.push({ type: 'patch', message }))
      socket.on('way', (_way, heard) => this.answers && heard())
      socket.on('gone', ({ hostId }) => void this.gone.push(hostId))
    })
    await new Promise<void>((resolve) => http.listen(this.port, '127.0.0.1', resolve))
    const address = http.address()
    if (typeof address !== 'object' || address === null) throw new Error('no address')
    this.port = address.port
  }
  async stop(): Promise<void> {
    await this.#io?.close()
    this.#io = undefined
  }
  ask(hostId: string): void {
    this.#io?.of(AGENTS).emit('resync', { hostId })
  }
  /** Says anything at all. */
  say(event: string, ...message: unknown[]): void {
    // The declared messages are what a hub says that follows the protocol.
    this.#io?.of(AGENTS).emit(event as 'resync', ...(message as [{ hostId: string }]))
  }
  /** What the agents answer when they are asked for their figures. */
  async metrics(): Promise<unknown> {
    return this.#io?.of(AGENTS).timeout(5_000).emitWithAck('metrics')
  }
  /** Asks the agent that is connected now to change a host. */
  async change(message: ChangeMessage): Promise<unknown> {
    const answers: unknown[] | undefined = await this.#io?.of(AGENTS).timeout(5_000).emitWithAck('change', message)
    return answers?.[0]
  }
  /** Ends every connection in an orderly way, as a hub does that throws an agent out. */
  dismiss(): void {
    this.#io?.of(AGENTS).disconnectSockets(true)
  }
  /** Reads nothing more. */
  pause(): void {
    for (const client of this.#clients()) client.pause()
  }
  resume(): void {
    for (const client of this.#clients()) client.resume()
  }
  #clients(): { pause(): void; resume(): void }[] {
    // The WebSockets below socket.io, which does not declare them.
    type Below = { transport: { socket: { pause(): void; resume(): void } } }
    const engine = this.#io?.engine as unknown as { clients: Record<string, Below> } | undefined
    return Object.values(engine?.clients ?? {}).map(({ transport }) => transport.socket)
  }
}

async function setUp(o: { started?: boolean; key?: () => string | undefined } = {}) {
  const hub = new Hub()
  await hub.start()
  if (o.started === false) await hub.stop()
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) })
  const host = readHostInfo({ kind: 'host' })
  const store = createStore(host, systemScheduler)
  const link = openHubLink({
    findHub: () => `http://127.0.0.1:${hub.port}`,
    readKey: o.key ?? (() => KEY),
    keyPlace: '/data/agent.key',
    log,
    retry: { first: 10, longest: 40 },
  })
  const stats = () => ({ losses: 2, scanMs: 3 })
  const nothing = () => undefined
  const observer = { store, host, stats, onSamples: nothing, watch: nothing, close: async () => undefined }
  const feed = feedOf(observer as unknown as Parameters<typeof feedOf>[0], link.send) // what a feed uses of an observer
  link.add(feed)
  onTestFinished(async () => {
    link.close()
    store.close()
    await hub.stop()
  })
  let revision = 0
  /** Changes the host, and publishes it. */
  const change = (alias = `change ${++revision}`) => {
    store.sink.put('link', linkOf(host, alias))
    store.flush()
    return store.current()
  }
  return { hub, link, feed, store, host, lines, change }
}

const linkOf = (host: HostInfo, alias: string): Link => ({
  id: linkId(host.rootNetns, 1),
  netns: host.rootNetns,
  index: 1,
  name: 'lo',
  altNames: [],
  alias,
  type: 'loopback',
  flags: [],
  mtu: 65536,
  qdisc: 'noqueue',
  txQueueLen: 1000,
  operState: 'UNKNOWN',
  promiscuity: 0,
  group: 'default',
  info: { kind: 'device' },
})

const last = (hub: Hub) => hub.got.at(-1)
const hashOf = (snapshot: HostSnapshot) => stateHash(snapshot.records)

describe('the link to the hub', () => {
  it('brings a snapshot, and then what changes', async () => {
    const { hub, change } = await setUp()
    await soon(() => last(hub)?.type).toBe('snapshot')
    const { revision, hash } = change()
    await soon(() => last(hub)).toMatchObject({ type: 'patch', message: { from: 0, to: revision, hash } })
  })

  it('sends a snapshot when it is asked for one, and says when a host ends', async () => {
    const { hub, link, host, change } = await setUp()
    await soon(() => hub.got.length).toBe(1)
    const { hash } = change()
    await soon(() => hub.got.length).toBe(2)
    hub.ask(host.id)
    await soon(() => last(hub)?.type).toBe('snapshot')
    const asked = last(hub)
    expect(asked?.type === 'snapshot' && hashOf(asked.message.snapshot)).toBe(hash)
    link.remove(host.id)
    await soon(() => hub.gone).toEqual([host.id])
  })

  it('dials anew after a change that waits to be kept, so that the word to keep it comes over a new connection', async () => {
    const { hub, link, feed, lines } = await setUp()
    const title = { code: 'link.up', params: {} }
    const command = { do: 'link.up', netns: 'root', link: 'lo' } as const
    const change: Change = { id: 'c1', at: 1, by: 'ada', command, title, steps: [], lost: [], state: 'unconfirmed' }
    const asked: string[] = []
    let answer: () => void = () => undefined
    const changing: Changing = {
      async change({ kind }) {
        asked.push(kind)
        if (kind === 'run') await new Promise<void>((resolve) => (answer = resolve))
        return { kind: 'change', change: kind === 'run' ? change : { ...change, state: 'done' } }
      },
      history: async () => [],
    }
    link.add({ ...feed, hostId: 'h', changing })
    await soon(() => link.connected()).toBe(true)
    const asker = { by: 'ada', role: 'operator' } as const
    const connections = () => lines.filter((line) => line === 'connected to the hub').length
    const running = hub.change({ hostId: 'h', request: { kind: 'run', command, shown: [], ...asker } })
    await soon(() => asked).toEqual(['run'])
    expect(connections()).toBe(1)
    answer()
    expect(await running).toMatchObject({ kind: 'change' })
    await soon(connections).toBe(2)
    expect(link.way()).toEqual({ to: 'hub', local: '127.0.0.1', remote: '127.0.0.1' })
    const keep = { hostId: 'h', request: { kind: 'keep', id: 'c1', ...asker } } as const
    await soon(() => link.connected()).toBe(true)
    expect(await hub.change(keep)).toMatchObject({ kind: 'change', change: { state: 'done' } })
    expect(asked).toEqual(['run', 'keep'])
  })

  it('dials anew when it has to make sure that the hub is reached, unless the hub answers', async () => {
    const { hub, link, lines } = await setUp()
    await soon(() => link.connected()).toBe(true)
    const connections = () => lines.filter((line) => line === 'connected to the hub').length
    await soon(connections).toBe(1)
    hub.answers = false
    link.redialIfSilent()
    await soon(connections).toBe(2)
    hub.answers = true
    link.redialIfSilent()
    // What follows is answered behind it, over the same connection.
    await expect(hub.metrics()).resolves.toBeDefined()
    expect(connections()).toBe(2)
  })

  it('keeps nothing while the hub is away, and brings one snapshot when it is back', async () => {
    const { hub, link, change, lines } = await setUp()
    await soon(() => hub.got.length).toBe(1)
    await hub.stop()
    await soon(() => link.connected()).toBe(false)
    for (let i = 0; i < 1_000; i++) change()
    await soon(() => lines).toContainEqual(expect.stringMatching(/^cannot reach the hub at http.*ECONNREFUSED/))
    const { hash, revision } = change()
    hub.got.length = 0
    await hub.start()
    await soon(() => hub.got.length).toBe(1)
    expect(last(hub)).toMatchObject({ type: 'snapshot', message: { hash, version: { revision } } })
    change()
    await soon(() => hub.got.map(({ type }) => type)).toEqual(['snapshot', 'patch'])
  })

  it('survives what no hub says, tells it once, and does what it is asked next', async () => {
    const { hub, host, lines } = await setUp()
    await soon(() => hub.got.length).toBe(1)
    const throwing = JSON.parse('{"length":{"toString":1,"valueOf":2}}')
    const hostile: unknown[] = [undefined, null, 5, '', 'x'.repeat(100_000), [], {}, throwing, { hostId: throwing }]
    for (const id of ['', '__proto__', 'x'.repeat(201), 5, null])
      hostile.push({ hostId: id }, { hostId: id, topics: [] })
    for (const topics of [null, 'links', throwing, [throwing], ['none'], [['links']]])
      hostile.push({ hostId: host.id, topics }, { hostId: host.id, topics: ['links'], more: 1 })
    for (const message of hostile) for (const event of ['resync', 'watch', 'metrics', 'none']) hub.say(event, message)
    hub.say('resync')
    hub.say('watch')
    hub.say('resync', JSON.parse('{"__proto__":{"hostId":"a"}}'))
    hub.ask(host.id)
    await soon(() => hub.got.map(({ type }) => type)).toEqual(['snapshot', 'snapshot'])
    expect(lines.filter((line) => line === 'a message of the hub was refused')).toHaveLength(1)
    expect(hub.tries).toBe(1)
  })

  it('tells its figures when it is asked', async () => {
    const { hub, link, change, host } = await setUp()
    await soon(() => hub.got.length).toBe(1)
    const { revision } = change()
    const [answer] = z.array(agentMetricsSchema).parse(await hub.metrics())
    const values = { revision, records: 1, snapshots: 1, patches: 1, unsent: 0, losses: 2, scanSeconds: 0.003 }
    expect(answer).toMatchObject([{ hostId: host.id, values }])
    await hub.stop()
    await soon(() => link.connected()).toBe(false)
    change()
    await hub.start()
    await soon(() => last(hub)?.type).toBe('snapshot')
    const [later] = z.array(agentMetricsSchema).parse(await hub.metrics())
    expect(later?.[0]?.values).toMatchObject({ snapshots: 2, patches: 1, unsent: 1 })
  })

  it('makes no news of a hub that goes when it is about to go itself', async () => {
    const { hub, link, lines } = await setUp()
    await soon(() => hub.got.length).toBe(1)
    link.ending()
    await hub.stop()
    await soon(() => link.connected()).toBe(false)
    expect(lines).toEqual(['connected to the hub'])
  })

  it('comes back after the hub said good-bye', async () => {
    const { hub } = await setUp()
    await soon(() => hub.got.length).toBe(1)
    hub.dismiss()
    await soon(() => hub.got.map(({ type }) => type)).toEqual(['snapshot', 'snapshot'])
  })

  it('tries again when the hub refuses while it starts, in the handshake and before it', async () => {
    const { hub, link } = await setUp({ started: false })
    const welcome = hub.refuse
    hub.refuse = () => 'INTERNAL'
    await hub.start()
    await soon(() => hub.tries).toBeGreaterThan(2)
    hub.refuseUpgrade = 503
    const before = hub.tries
    await soon(() => hub.tries).toBeGreaterThan(before + 2)
    expect(link.connected()).toBe(false)
    hub.refuseUpgrade = undefined
    hub.refuse = welcome
    await soon(() => last(hub)?.type).toBe('snapshot')
  })

  it.each(['handshake', 'upgrade'])(
    'says once that its key is wrong (refused %s), and takes a new one',
    async (how) => {
      let key: string | undefined = 'another'
      const { hub, lines } = await setUp({ started: false, key: () => key })
      if (how === 'upgrade') hub.refuseUpgrade = 401
      await hub.start()
      await soon(() => hub.tries).toBeGreaterThan(3)
      const refusals = lines.filter((line) => line.includes('refuses'))
      expect(refusals).toEqual([
        `the hub at http://127.0.0.1:${hub.port} refuses the key of /data/agent.key: use the agent.key of that hub's data folder`,
      ])
      hub.refuseUpgrade = undefined
      key = KEY
      await soon(() => last(hub)?.type).toBe('snapshot')
      expect(lines.at(-1)).toBe('connected to the hub')
    },
  )

  it('does not queue up for a hub that has stopped reading, and brings it up to date afterwards', async () => {
    const { hub, change } = await setUp()
    await soon(() => hub.got.length).toBe(1)
    hub.pause()
    const large = 'x'.repeat(1 << 20)
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    for (let i = 0; i < 60; i++) {
      change(`${i} ${large}`)
      await turn()
    }
    const { hash } = change('the end')
    hub.resume()
    await soon(() => last(hub)?.message.hash).toBe(hash)
    expect(last(hub)?.type).toBe('snapshot')
    // What the network itself took up, and what may wait in our memory: far from all that was said.
    expect(hub.got.length).toBeLessThan(40)
  })
})
