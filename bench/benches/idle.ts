import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { SandboxHost } from '@hopscope/sandbox'
import type { Bench } from '../bench.ts'
import { summary } from '../figure.ts'
import { pidWithin, startContainers, startInside, withHost } from '../insideHost.ts'
import { cpuSeconds, findProcess, residentMegabytes } from '../processes.ts'

const CONTAINERS = 50
const WINDOW = 60_000
/** So long after their start V8 still compiles what has proven to be run often: a third of what the agent uses then. */
const WARMING = 90_000
/** Then little is left to compile: as it is from now on, for days. */
const SETTLED = 240_000
const PORT = 7117

export const idle: Bench = {
  name: 'idle',
  title: 'What idling costs',
  about:
    `A sandbox host with ${CONTAINERS} containers that sleep; hub and agent as they are built, inside of it and for it, with one page connected. ` +
    'CPU of both processes and their children over a minute in which nothing happens, four minutes after their start, and of dockerd in the same ' +
    'minute, compared with the minutes before we were started and after we were stopped. Beside it the minute that begins one and a half minutes ' +
    'after their start, in which V8 still compiles: `--trace-opt` tells of it, and its threads take a third of the CPU.',
  runs: 3,
  async run(session) {
    await withHost({ name: 'bench-idle' }, async (host) => {
      session.say(`starting ${CONTAINERS} containers`)
      await startContainers(host, CONTAINERS)
      const dockerd = findProcess('dockerd', host.initPid)
      const alone: number[] = []
      const withUs: number[] = []
      const early: number[] = []
      const measured = { agent: [] as number[], hub: [] as number[] }
      const memory = { agent: [] as number[], hub: [] as number[] }
      for (let run = 0; run < session.runs; run++) {
        const [before] = await cpuPercent([dockerd])
        alone.push(before ?? Number.NaN)
        const ours = await startProduct(host)
        try {
          session.say(`the page has ${JSON.stringify(await ours.counts())}`)
          const started = performance.now()
          await wait(WARMING)
          early.push(sum(await cpuPercent([ours.agent, ours.hub])))
          await wait(SETTLED - (performance.now() - started))
          const [agent = Number.NaN, hub = Number.NaN, docker = Number.NaN] = await cpuPercent([
            ours.agent,
            ours.hub,
            dockerd,
          ])
          measured.agent.push(agent)
          measured.hub.push(hub)
          withUs.push(docker)
          memory.agent.push(residentMegabytes(ours.agent))
          memory.hub.push(residentMegabytes(ours.hub))
        } finally {
          await ours.stop()
        }
      }
      const [after] = await cpuPercent([dockerd])
      alone.push(after ?? Number.NaN)
      const cpu = { group: 'CPU, of one core', unit: '%' } as const
      const together = measured.agent.map((agent, run) => agent + (measured.hub[run] ?? Number.NaN))
      session.figure({ ...cpu, name: 'agent and hub', samples: together, limit: { of: 'median', atMost: 0.5 } })
      session.figure({ ...cpu, name: 'agent and hub, while V8 compiles', samples: early })
      session.figure({ ...cpu, name: 'agent', samples: measured.agent })
      session.figure({ ...cpu, name: 'hub', samples: measured.hub })
      session.figure({ ...cpu, name: 'dockerd without us', samples: alone })
      session.figure({ ...cpu, name: 'dockerd with us', samples: withUs })
      session.figure({
        ...cpu,
        name: 'dockerd with us, less without us',
        // Idle it uses next to nothing, so that a quotient would say nothing.
        samples: [summary(withUs).median - summary(alone).median],
        limit: { of: 'median', atMost: 0.05 },
      })
      const rss = { group: 'memory (RSS)', unit: 'MB' } as const
      session.figure({ ...rss, name: 'agent', samples: memory.agent, limit: { of: 'median', atMost: 100 } })
      session.figure({ ...rss, name: 'hub', samples: memory.hub, limit: { of: 'median', atMost: 150 } })
    })
  },
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

/** CPU of processes over a window, in percent of one core. */
async function cpuPercent(pids: readonly number[]): Promise<number[]> {
  const began = performance.now()
  const before = pids.map(cpuSeconds)
  await wait(WINDOW)
  const seconds = (performance.now() - began) / 1000
  return pids.map((pid, at) => ((cpuSeconds(pid) - (before[at] ?? Number.NaN)) / seconds) * 100)
}

type Product = {
  agent: number
  hub: number
  /** What the page holds. */
  counts(): Promise<Record<string, number>>
  stop(): Promise<void>
}

/** Starts the built hub and agent inside a host, which they take for their machine, and connects a page. */
async function startProduct(host: SandboxHost): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-idle-'))
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    HOPSCOPE_LOG: 'warn',
    HOPSCOPE_DATA: folder,
    HOPSCOPE_PORT: `${PORT}`,
    // The machine's sandboxes are no business of an agent inside.
    HOPSCOPE_RUN_DIR: join(folder, 'run'),
  }
  const start = (script: string, stdout: 'pipe' | 'inherit') =>
    host.spawn([process.execPath, fileURLToPath(new URL(`../../apps/${script}`, import.meta.url))], {
      env,
      stdio: ['ignore', stdout, 'inherit'],
    })
  // A hub's very first start makes its database, with an engine whose memory stays; all others find one.
  const first = start('hub/dist/hub.mjs', 'pipe')
  await tokenOf(first)
  await end(first, await pidWithin(first, host))
  const hub = start('hub/dist/hub.mjs', 'pipe')
  const token = await tokenOf(hub)
  const agent = start('agent/dist/agent.mjs', 'inherit')
  const pids = { agent: await pidWithin(agent, host), hub: await pidWithin(hub, host) }
  const page = await startInside(host, 'idlePage', [`http://127.0.0.1:${PORT}`, token])
  return {
    ...pids,
    counts: () => page.ask('counts'),
    async stop() {
      await page.close()
      await end(agent, pids.agent)
      await end(hub, pids.hub)
      rmSync(folder, { recursive: true })
    },
  }
}

async function end(child: ChildProcess, pid: number): Promise<void> {
  const exit = once(child, 'exit')
  process.kill(pid, 'SIGTERM')
  await exit
}

async function tokenOf(hub: ChildProcess): Promise<string> {
  if (!hub.stdout) throw new Error('the hub was started with a pipe')
  for await (const line of createInterface({ input: hub.stdout })) {
    const token = /#token=(\S+)/.exec(line)?.[1]
    if (token) return token
  }
  throw new Error('the hub ended without a link')
}
