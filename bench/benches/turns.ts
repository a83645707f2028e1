import type { SandboxHost } from '@hopscope/sandbox'
import { createSandbox } from '@hopscope/sandbox'
import { generateHost } from '@hopscope/testkit'
import { fillLargeHost } from '@hopscope/testkit/largeHost'
import { replayAgent } from '@hopscope/testkit/replayAgent'
import { Product } from '../../e2e/product.ts'
import type { Bench, Session } from '../bench.ts'
import { readWhole, until } from '../pageSocket.ts'
import { type Turns, watchingTurns } from '../turns.ts'

const LARGE = [300, 1_000]
const BURST = 100
const CONTAINERS = 2_000
const MOST_MS = 50

export const turns: Bench = {
  name: 'turns',
  title: 'The longest turn of an event loop',
  about:
    'Agent, its observer of the sandbox host and hub run from the built bundles. From when its program is loaded (the hub: ' +
    'ready), each notes how long every turn of its event loop takes: the time that passed or the processor time that the ' +
    'whole process used, whichever is less, so that what others take from it does not count.',
  runs: 3,
  async run(session) {
    await watchingTurns(async (watched) => {
      for (const namespaces of LARGE) await rounds(session, () => onLargeHost(watched, namespaces))
      await rounds(session, () => inBurst(watched))
      await rounds(session, () => onManyContainers(watched))
    })
  },
}

type Measured = { group: string; name: string; value: number }

/** Repeats, and gives each figure once with all its samples. */
async function rounds(session: Session, act: () => Promise<Measured[]>): Promise<void> {
  const all: Measured[] = []
  for (let round = 0; round < session.runs; round++) all.push(...(await act()))
  const keys = new Set(all.map(({ group, name }) => `${group}\n${name}`))
  for (const key of keys) {
    const [group = '', name = ''] = key.split('\n')
    const samples = all.filter((one) => one.group === group && one.name === name).map(({ value }) => value)
    session.figure({ group, name, unit: 'ms', samples, limit: { of: 'max', atMost: MOST_MS } })
  }
}

async function onLargeHost(watched: Turns, namespaces: number): Promise<Measured[]> {
  return await onSandbox(
    { docker: false, fill: async (host) => void (await fillLargeHost(host, { namespaces })) },
    async (product, session, started) => {
      const group = `${namespaces} namespaces`
      const began = watched.all(group, 'start', started)
      const again = Date.now()
      // A hub that comes back has nothing: every host is brought anew.
      await product.kill('hub', 'SIGTERM')
      await product.startHub()
      await until(() => isLive(product, session), 60_000)
      await calm()
      return [...began, ...watched.all(group, 'hub comes back', again)]
    },
  )
}

async function inBurst(watched: Turns): Promise<Measured[]> {
  return await onSandbox({ docker: true, fill: async () => undefined }, async (_product, _session, _at, host) => {
    const began = Date.now()
    let next = 0
    const one = async (): Promise<void> => {
      for (let i = next++; i < BURST; i = next++)
        await host.docker('run', '-d', '--name', `b${i}`, 'busybox', 'sleep', '100000')
    }
    await Promise.all(Array.from({ length: 8 }, one))
    await calm()
    return watched.all(`${BURST} containers started in a burst`, '', began)
  })
}

type Made = { docker: boolean; fill: (host: SandboxHost) => Promise<void> }
type Act = (product: Product, session: string, started: number, host: SandboxHost) => Promise<Measured[]>

async function onSandbox({ docker, fill }: Made, act: Act): Promise<Measured[]> {
  const product = await Product.start({ agent: false })
  try {
    Object.assign(process.env, product.sandboxes)
    const sandbox = await createSandbox({ name: 'turns', docker })
    try {
      const [host] = sandbox.hosts
      if (!host) throw new Error('the sandbox has no host')
      await fill(host)
      const session = await product.setUp()
      const started = Date.now()
      product.startAgent()
      await until(() => isLive(product, session), 60_000)
      await calm()
      return await act(product, session, started, host)
    } finally {
      await sandbox.down()
    }
  } finally {
    await product.stop()
  }
}

/** The hub, the state of a very large host, and a page that asks for it. */
async function onManyContainers(watched: Turns): Promise<Measured[]> {
  const product = await Product.start({ agent: false })
  try {
    const session = await product.setUp()
    await calm()
    const snapshot = generateHost({ containers: CONTAINERS })
    const group = `${CONTAINERS} containers`
    let at = Date.now()
    const agent = await replayAgent({ url: product.url, key: product.agentKey(), snapshots: [snapshot] })
    await until(() => isLive(product, session, 'lab'), 60_000)
    await calm()
    const measured = watched.all(group, 'come to the hub', at)
    at = Date.now()
    await readWhole(product.url, session, snapshot.host.id)
    await calm()
    measured.push(...watched.all(group, 'go to a page', at))
    at = Date.now()
    // Renamed one by one, as a page follows.
    let state = snapshot
    for (const container of Object.values(snapshot.records.container).slice(0, 20)) {
      const renamed = { ...state.records.container, [container.id]: { ...container, name: `${container.name}-new` } }
      state = { ...state, records: { ...state.records, container: renamed } }
      agent.patch(snapshot.host.id, state)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await calm()
    measured.push(...watched.all(group, '20 are renamed', at))
    agent.close()
    return measured
  } finally {
    await product.stop()
  }
}

/** What is still on its way has come, and the figures of the last moment were written. */
const calm = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_500))

async function isLive(product: Product, session: string, name = 'turns-1'): Promise<boolean> {
  const response = await fetch(`${product.url}/api/trpc/hosts.list`, {
    headers: { cookie: session, origin: product.url },
  })
  if (!response.ok) return false
  const text = await response.text()
  const hosts: { host: { name: string }; status: string; version: { revision: number } }[] =
    JSON.parse(text).result.data
  return hosts.some(({ host, status, version }) => host.name === name && status === 'live' && version.revision > 0)
}
