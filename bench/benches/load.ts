import { type Bench, milliseconds, type Session } from '../bench.ts'
import type { Figure } from '../figure.ts'
import { Crowd, percentile } from '../load/crowd.ts'
import { aHost, later } from '../load/host.ts'
import { cpuSeconds, type LoadedHub, metric, residentMegabytes, withHub } from '../load/hub.ts'

const PAGES = 2_000
const PROCESSES = 2
const SESSIONS = 40
const SECONDS = 60
const PER_SECOND = 10
/** Milliseconds in which all have to be back. */
const BACK = 30_000
const MB = 1024 * 1024

export const load: Bench = {
  name: 'load',
  title: 'A crowd of pages on one hub',
  about:
    `The built hub, an agent that replays a host of 50 containers, and ${PAGES} socket.io clients over WebSocket in ${PROCESSES} processes of their own, with ` +
    `the page's settings and ${SESSIONS} sessions. For ${SECONDS} s a patch of about 1 kB is sent ${PER_SECOND} times a second; each carries the time at which it was made. Every client ` +
    'checks that revisions follow each other, one in fifty applies every patch and compares hashes. Then all connections are broken at once, and then the ' +
    'hub is restarted, while patches go on. Before that, with a hub of its own: a page that stops reading. Memory is the highest that the kernel saw.',
  runs: 1,
  async run(session) {
    await pausedReader(session)
    await pausedInSnapshot(session)
    for (let run = 0; run < session.runs; run++) await crowd(session)
  },
}

async function crowd(session: Session): Promise<void> {
  await withHub(aHost(50), SESSIONS, async (hub) => {
    const people = await Crowd.start(PROCESSES)
    const patches = patching(hub)
    try {
      const url = hub.product.url
      const opening = await milliseconds(async () => {
        await people.tell({ do: 'open', url, cookies: hub.cookies, count: PAGES })
        await people.equal(PAGES, patches.hash(), 60_000)
      })
      session.figure(figure('until all are equal', 's', 'opened at once', opening / 1000, BACK / 1000))
      await delivery(session, hub, people, patches)
      for (const [name, breakAll] of [
        ['connections broken at once', () => people.tell({ do: 'cut' })],
        ['hub restarted', () => restart(hub)],
      ] as const) {
        patches.start()
        const back = await milliseconds(async () => {
          await breakAll()
          await new Promise((resolve) => setTimeout(resolve, 3_000))
          patches.stop()
          await people.equal(PAGES, patches.hash(), 2 * BACK)
        })
        session.figure(figure('until all are equal', 's', name, back / 1000, BACK / 1000))
        session.figure(figure('memory of the hub, highest', 'MB', `after: ${name}`, highest(hub), 400))
      }
      const { wrong } = await people.tell({ do: 'tell', hash: '' })
      if (wrong > 0) throw new Error(`${wrong} states had another hash than the message said`)
    } finally {
      patches.stop()
      await people.stop()
    }
  })
}

async function delivery(session: Session, hub: LoadedHub, people: Crowd, patches: Patches): Promise<void> {
  session.say(`${PER_SECOND} patches a second to ${PAGES} pages for ${SECONDS} s`)
  await people.tell({ do: 'count anew' })
  const pid = hub.product.pid('hub')
  const cpu = cpuSeconds(pid)
  patches.start()
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
  patches.stop()
  const used = ((cpuSeconds(pid) - cpu) / SECONDS) * 100
  await people.equal(PAGES, patches.hash(), BACK)
  const { late, resyncs } = await people.tell({ do: 'tell', hash: '', late: true })
  const arrived = late.reduce((sum, [, n]) => sum + n, 0)
  session.say(`${patches.sent()} patches of ${patches.bytes()} bytes sent, ${arrived} arrived, ${resyncs} resyncs`)
  const group = 'delivery of a patch'
  session.figure({ group, name: 'half of all', unit: 'ms', samples: [percentile(late, 0.5)] })
  session.figure(figure(group, 'ms', 'p95', percentile(late, 0.95), 1000))
  session.figure({ group, name: 'the slowest', unit: 'ms', samples: [percentile(late, 1)] })
  session.figure({ group: 'processor time of the hub', name: 'while patches flow', unit: '%', samples: [used] })
  session.figure(figure('memory of the hub, highest', 'MB', 'while patches flow', highest(hub), 400))
}

/** One page stops reading while patches of 60 kB go by: what waits for it, until it is cut. */
async function pausedReader(session: Session): Promise<void> {
  await withHub(aHost(50), 1, async (hub) => {
    const { product, cookies, agent } = hub
    const people = await Crowd.start(1)
    try {
      await people.tell({ do: 'open', url: product.url, cookies, count: 2 })
      await people.equal(2, agent.snapshotMessage('load').hash, 10_000)
      const before = residentMegabytes(product.pid('hub'), 'VmRSS')
      await people.tell({ do: 'pause', count: 1 })
      let waiting = 0
      for (let step = 0; (await metric(product, 'hopscope_hub_pages_cut_total')) === 0; step++) {
        if (step > 2_000) throw new Error('the paused reader was not cut')
        waiting = Math.max(waiting, await metric(product, 'hopscope_hub_page_buffered_bytes'))
        agent.patch('load', later(agent.snapshotMessage('load').snapshot, step, 60_000))
      }
      const grown = residentMegabytes(product.pid('hub'), 'VmRSS') - before
      const group = 'a page that does not read'
      session.figure(figure(group, 'MB', 'waited for it when it was cut', waiting / MB, 1))
      session.figure({ group, name: 'memory of the hub, more than before', unit: 'MB', samples: [grown] })
    } finally {
      await people.stop()
    }
  })
}

const MANY = 20

/** Pages stop reading while they are brought 2,000 containers: what waits for each of them, until they are cut. */
async function pausedInSnapshot(session: Session): Promise<void> {
  await withHub(aHost(2_000), 1, async ({ product, cookies, agent }) => {
    const people = await Crowd.start(1)
    try {
      await people.tell({ do: 'open', url: product.url, cookies, count: MANY })
      await until(async () => (await people.tell({ do: 'tell', hash: '' })).connected === MANY)
      await people.tell({ do: 'pause', count: MANY })
      const before = residentMegabytes(product.pid('hub'), 'VmRSS')
      let [waiting, most] = [0, before]
      for (let step = 0; (await metric(product, 'hopscope_hub_pages_cut_total')) < MANY; step++) {
        if (step > 3_000) throw new Error('the paused pages were not cut')
        agent.patch('load', later(agent.snapshotMessage('load').snapshot, step))
        waiting = Math.max(waiting, await metric(product, 'hopscope_hub_page_buffered_bytes'))
        most = Math.max(most, residentMegabytes(product.pid('hub'), 'VmRSS'))
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      const group = `${MANY} pages that stop reading 2,000 containers`
      session.figure(figure(group, 'MB', 'waited for one, highest', waiting / MB, 1))
      session.figure({ group, name: 'memory of the hub, more than before', unit: 'MB', samples: [most - before] })
    } finally {
      await people.stop()
    }
  })
}

type Patches = { start(): void; stop(): void; sent(): number; bytes(): number; hash(): string }

/** Sends patches at an even pace, as far as the machine lets it. */
function patching({ agent }: LoadedHub): Patches {
  let timer: NodeJS.Timeout | undefined
  let sent = 0
  let bytes = 0
  function send(): void {
    const patch = agent.patch('load', later(agent.snapshotMessage('load').snapshot, sent++))
    bytes = JSON.stringify(patch).length
  }
  return {
    start() {
      clearInterval(timer)
      timer = setInterval(send, 1000 / PER_SECOND)
    },
    stop: () => clearInterval(timer),
    sent: () => sent,
    bytes: () => bytes,
    hash: () => agent.snapshotMessage('load').hash,
  }
}

async function restart({ product }: LoadedHub): Promise<void> {
  await product.kill('hub', 'SIGTERM')
  await product.startHub()
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it did not come about within 30 s')
}

const highest = ({ product }: LoadedHub): number => residentMegabytes(product.pid('hub'), 'VmHWM')

function figure(group: string, unit: 'ms' | 's' | 'MB', name: string, value: number, atMost: number): Figure {
  return { group, name, unit, samples: [value], limit: { of: 'max', atMost } }
}
