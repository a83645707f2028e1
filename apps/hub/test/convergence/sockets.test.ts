import { BROWSERS, type BrowserToHub, type HubToBrowser } from '@hopscope/protocol'
import { Random } from '@hopscope/testkit/random'
import { io, type Socket } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Stream, type Wire } from '../../../web/src/stream/stream.ts'
import { setUp, type TestHub, withHub } from '../withHub.ts'
import { AgentWithoutKernel } from './agent.ts'
import { type Cable, layCable } from './cable.ts'

const seed = Number(process.env.HOPSCOPE_SEED ?? 1)
const SCHEDULES = 20
const STEPS = 15
const HOSTS = ['a', 'b']
/** Everybody is back and equal within this time, whatever was cut. */
const CONVERGES = 15_000
/** What a wire loses although it is a socket: a bug, or a queue that was thrown away. */
type Loss = { lost: boolean }

/** A real hub, agent and pages, each over a cable of its own. */
async function world(t: TestHub, random: Random, records = 0) {
  const cookie = await setUp(t)
  const cables: Cable[] = []
  const lay = async () => {
    const cable = await layCable(() => t.hub.port)
    cables.push(cable)
    onTestFinished(() => cable.close())
    return cable
  }
  const agentCable = await lay()
  const loss: Loss = { lost: false }
  const agent = new AgentWithoutKernel({
    hosts: HOSTS,
    random,
    records,
    markEvery: 500,
    url: agentCable.url,
    key: t.key,
    open: (url, options) => losing(io(url, named(t, options?.extraHeaders, options)), loss),
  })
  onTestFinished(() => agent.close())
  const pages = [await openPage(t, cookie, await lay()), await openPage(t, cookie, await lay())]
  const astray = () =>
    HOSTS.flatMap((host) => {
      const wanted = agent.hash(host)
      const entries = pages.map(({ stream }) => stream.store.hosts.get(host))
      return entries.filter((entry) => entry?.hash !== wanted || entry?.status !== 'live').map(() => host)
    })
  return { agent, pages, cables, loss, astray, settled: (why: string) => settled(astray, why) }
}

function settled(astray: () => string[], why: string): Promise<void> {
  return expect.poll(astray, { timeout: CONVERGES, interval: 10, message: why }).toEqual([])
}

async function openPage(t: TestHub, cookie: string, cable: Cable) {
  const loss: Loss = { lost: false }
  const options = { transports: ['websocket'], forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 400 }
  const socket: Socket<HubToBrowser, BrowserToHub> = io(
    cable.url + BROWSERS,
    named(t, { origin: t.hub.url, cookie }, options),
  )
  // As the page does it: socket.io stays away when the hub closed the connection in an orderly way.
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect') socket.connect()
  })
  const later = (ms: number, run: () => void) => setTimeout(run, ms)
  const stream = new Stream({ now: Date.now, frame: (run) => setTimeout(run, 16), later })
  const deaf: Wire = {
    get connected() {
      return socket.connected
    },
    on: (event: string, listener: (message: never) => void) =>
      // Events and listeners stay as they come; socket.io's types cannot be told so.
      socket.on(event as 'patch', ((message: never) => loss.lost || listener(message)) as never),
    emit: (event, ...message) => socket.emit(event, ...message),
  }
  stream.attach(deaf)
  onTestFinished(() => void socket.disconnect())
  return { stream, loss, socket }
}

/** The hub wants to be called by its own name, not by the cable's. */
function named<T>(t: TestHub, headers: Record<string, string> | undefined, options: T) {
  return { ...options, extraHeaders: { ...headers, host: new URL(t.hub.url).host } }
}

function losing<T extends { emit(event: never, message: never): unknown }>(socket: T, loss: Loss): T {
  const { emit } = socket
  socket.emit = (event: never, message: never) => (loss.lost ? socket : emit.call(socket, event, message))
  return socket
}

describe('over real sockets', () => {
  // The larger ones come in five parts, to the hub and to pages.
  it.each([0, 1_000])(
    `pages equal the agent after ${SCHEDULES} schedules of cuts, stalls and restarts (seed ${seed}), hosts of %d records and more`,
    {
      timeout: 300_000,
    },
    async (records) => {
      const t = await withHub()
      const random = new Random(seed)
      const { agent, cables, settled } = await world(t, random, records)
      await settled('at the beginning')
      const times: number[] = []
      for (let n = 0; n < SCHEDULES; n++) {
        for (let i = 0; i < STEPS; i++) await step(t, random, agent, cables)
        // The last change of each host happens while somebody is cut off.
        random.pick(cables)?.cut()
        for (const host of HOSTS) agent.change(host)
        for (const cable of cables) cable.unblock()
        const began = performance.now()
        await settled(`schedule ${n} of seed ${seed}`)
        times.push(Math.round(performance.now() - began))
      }
      times.sort((a, b) => a - b)
      console.log(`sockets: equal after ${times[times.length >> 1]} ms (median), ${times.at(-1)} ms (longest)`)
    },
  )

  it('a hub ends within seconds although somebody has stopped reading', async () => {
    const t = await withHub()
    const { cables, settled } = await world(t, new Random(seed))
    await settled('at the beginning')
    for (const cable of cables) cable.block()
    const began = performance.now()
    await t.restart()
    expect(performance.now() - began).toBeLessThan(20_000)
    for (const cable of cables) cable.unblock()
    await settled('with the next hub')
  })

  it('a lost last message is noticed, whichever way it was lost', async () => {
    const { agent, pages, loss, astray, settled } = await world(await withHub({ markEvery: 500 }), new Random(seed))
    await settled('at the beginning')
    for (const losing of [loss, ...pages.map((page) => page.loss)]) {
      losing.lost = true
      agent.change('a')
      agent.stores.get('a')?.flush()
      await expect.poll(astray).not.toEqual([])
      losing.lost = false
      await settled('a mark tells')
    }
  })
})

async function step(t: TestHub, random: Random, agent: AgentWithoutKernel, cables: readonly Cable[]): Promise<void> {
  const host = random.pick(HOSTS) ?? 'a'
  const cable = random.pick(cables)
  const n = random.below(60)
  if (n < 40) agent.change(host)
  else if (n < 47) cable?.cut()
  else if (n < 50) cable?.block()
  else if (n < 54) cable?.unblock()
  else if (n < 56) agent.restart()
  else if (n < 58) {
    agent.lose(host)
    agent.observe(host)
  } else if (n < 59) await t.restart()
  await new Promise((resolve) => setTimeout(resolve, random.below(30)))
}
