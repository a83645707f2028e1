import { type ChildProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { SandboxHost } from '@hopscope/sandbox'
import { type Bench, ratios, type Session } from '../bench.ts'
import { type InsideProgram, pidWithin, startInside, withHost } from '../insideHost.ts'
import { cpuSeconds } from '../processes.ts'

const PINGS = 5_000
const RULES = `
table ip early {
  chain prerouting {
    type filter hook prerouting priority -350;
    icmp type { echo-request, echo-reply } meta nftrace set 1
  }
}
table ip filter {
  chain first {
    return
  }
  chain second {
    ip protocol icmp jump first
  }
  chain input {
    type filter hook input priority 0; policy accept;
    jump first
    jump second
    ip protocol icmp counter accept
  }
}`

export const trace: Bench = {
  name: 'trace',
  title: 'Following packets',
  about:
    `${PINGS} pings in a row to the host itself, as fast as they are answered, all of them traced through three chains. Each listens in turn. Ours decodes ` +
    'the messages and puts them together to packets; the others print them. CPU time is that of the listener alone, for a thousand messages that it told ' +
    'of; what the kernel sent and it did not tell of is its loss.',
  runs: 3,
  async run(session) {
    await withHost({ name: 'bench-trace', docker: false }, async (host) => {
      await host.run(['nft', '-f', '-'], { input: RULES })
      const tracer = await startInside(host, 'tracer')
      try {
        await measure(session, host, tracer)
      } finally {
        await tracer.close()
      }
    })
  },
}

type Listened = { micros: number; messages: number }
type Tracer = Listened & { packets: number; losses: number }

async function measure(session: Session, host: SandboxHost, tracer: InsideProgram): Promise<void> {
  const ours: Listened[] = []
  const nft: Listened[] = []
  const rates: number[] = []
  const losses: number[] = []
  let sent = 0
  for (let round = -1; round < session.runs; round++) {
    await tracer.ask('begin')
    const began = performance.now()
    await flood(host)
    const seconds = (performance.now() - began) / 1000
    const heard = await tracer.ask<Tracer>('end')
    sent = heard.messages
    const printed = await monitor(host, ['nft', 'monitor', 'trace'], / (?:rule|policy|verdict) /)
    if (round < 0) continue
    ours.push(heard)
    nft.push(printed)
    rates.push(heard.messages / seconds)
    losses.push(heard.losses)
  }
  const perThousand = (all: readonly Listened[]) => all.map(({ micros, messages }) => micros / messages)
  const cost = { group: 'CPU for a thousand messages', unit: 'ms' as const }
  session.figure({ ...cost, name: 'Hopscope', samples: perThousand(ours) })
  session.figure({ ...cost, name: 'nft monitor trace', samples: perThousand(nft) })
  session.figure({
    group: 'Times less CPU for a message',
    name: 'than nft monitor trace',
    unit: '×',
    samples: ratios(perThousand(nft), perThousand(ours)),
    limit: { of: 'median', atLeast: 10 },
  })
  const lost = { group: 'Lost messages', unit: '%' as const }
  session.figure({ ...lost, name: 'Hopscope', samples: losses, limit: { of: 'max', atMost: 0 } })
  session.figure({
    ...lost,
    name: 'nft monitor trace',
    samples: nft.map(({ messages }) => percentLost(messages, sent)),
  })
  await alsoXtables(session, host, sent, { cost, lost })
  session.figure({ group: 'Messages a second', name: 'Hopscope, none lost', unit: 'count', samples: rates })
}

type Groups = { cost: { group: string; unit: 'ms' }; lost: { group: string; unit: '%' } }

async function alsoXtables(session: Session, host: SandboxHost, sent: number, { cost, lost }: Groups): Promise<void> {
  const name = 'xtables-monitor --trace'
  if (spawnSync('xtables-monitor', ['--version']).error) return session.absent(name, 'it is not installed')
  const { micros, messages } = await monitor(host, ['xtables-monitor', '--trace'], /TRACE/)
  if (micros <= 0 || messages === 0) return session.absent(name, `it ended by itself after ${messages} messages`)
  session.figure({ ...cost, name, samples: [micros / messages] })
  session.figure({ ...lost, name, samples: [percentLost(messages, sent)] })
}

const percentLost = (told: number, sent: number): number => Math.max(0, 100 * (1 - told / sent))

const flood = (host: SandboxHost): Promise<string> => host.run(['ping', '-q', '-f', '-c', String(PINGS), '127.0.0.1'])

/** A program that prints what it hears: lines that match, and its CPU time until it has printed all. */
async function monitor(host: SandboxHost, argv: readonly string[], counted: RegExp): Promise<Listened> {
  const child = host.spawn(argv, { stdio: ['ignore', 'pipe', 'ignore'] })
  let rest = ''
  let messages = 0
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (counted.test(line)) messages++
  })
  const pid = await pidWithin(child, host)
  await untilListening(host)
  const before = cpuSeconds(pid)
  await flood(host)
  const after = await settled(child, pid)
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return { micros: (after - before) * 1e6, messages }
}

/** The kernel lists who listens to the group. */
async function untilListening(host: SandboxHost): Promise<void> {
  for (;;) {
    const table = await host.run(['cat', '/proc/net/netlink'])
    const listens = table.split('\n').some((line) => {
      const [, protocol, , groups = '0'] = line.trim().split(/\s+/)
      return protocol === '12' && (Number.parseInt(groups, 16) & (1 << 8)) !== 0
    })
    if (listens) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Its CPU time when it has nothing left to do, or has ended. */
async function settled(child: ChildProcess, pid: number): Promise<number> {
  let [last, quiet] = [readCpu(pid) ?? 0, 0]
  while (quiet < 3 && child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    const now = readCpu(pid) ?? last
    quiet = now === last ? quiet + 1 : 0
    last = now
  }
  return last
}

/** Undefined once it has ended, as one does that cannot keep up. */
function readCpu(pid: number): number | undefined {
  try {
    return cpuSeconds(pid)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined
    throw error
  }
}
