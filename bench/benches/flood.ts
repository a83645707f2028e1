import type { SandboxHost } from '@hopscope/sandbox'
import type { TraceSummary } from '@hopscope/trace'
import { type Bench, interleaved, type Session } from '../bench.ts'
import { type InsideProgram, startInside, withHost } from '../insideHost.ts'

const SECONDS = 10
const [SINK, TCP_PORT, UDP_PORT] = ['10.72.0.2', '7001', '7002']
const FILTER = `udp dst port ${UDP_PORT}`
/** As many a second in each namespace as when nobody says how many, and five times that; so many in all that it lasts for the whole flood. */
const RATE = 100
const HIGH_RATE = 500
const limitOf = (rate: number) => ({ packets: 10_000, rate, seconds: 60 })

export const flood: Bench = {
  name: 'flood',
  title: 'A flood that is traced',
  about:
    'One namespace sends to another, over two bridges of a host that routes between them and has six chains at each hook: 10,000 datagrams a second, all ' +
    `of which the filter means, and beside them as much as TCP takes, for ${SECONDS} s. In turn without a tracing, with one of ${RATE} packets a second in ` +
    `each namespace, as by default, and with one of ${HIGH_RATE}. Then the longest of its stories is built over and over.`,
  runs: 3,
  async run(session) {
    await withHost({ name: 'bench-flood', docker: false }, async (host) => {
      await wire(host)
      const programs = [
        await startInside(host, 'capture', [FILTER]),
        await startInside(host, 'traffic', ['sink', SINK, TCP_PORT, UDP_PORT], netns('b')),
        await startInside(host, 'traffic', ['source', SINK, TCP_PORT, UDP_PORT], netns('a')),
      ] as const
      try {
        await measure(session, ...programs)
      } finally {
        for (const program of programs) await program.close()
      }
    })
  },
}

type Told = TraceSummary & { building: { hops: number; samples: number[] } }

async function measure(session: Session, capture: InsideProgram, sink: InsideProgram, source: InsideProgram) {
  const told: Told[] = []
  /** Megabytes a second that came by TCP. */
  const throughput = async () => {
    const before = await sink.ask<number>('')
    await source.ask<number>(String(SECONDS))
    return ((await sink.ask<number>('')) - before) / SECONDS / 1e6
  }
  const traced = (rate: number) => async () => {
    await capture.ask(JSON.stringify(limitOf(rate)))
    const came = await throughput()
    told.push(await capture.ask<Told>('end'))
    return came
  }
  const samples = await interleaved(session.runs, {
    without: throughput,
    traced: traced(RATE),
    high: traced(HIGH_RATE),
  })
  const group = 'Throughput beside the flood'
  session.figure({ group, name: 'without a tracing', unit: 'MB', samples: samples.without })
  session.figure({ group, name: `${RATE} packets a second traced`, unit: 'MB', samples: samples.traced })
  session.figure({ group, name: `${HIGH_RATE} packets a second traced`, unit: 'MB', samples: samples.high })
  const left = (after: readonly number[]) =>
    after.map((came, round) => (100 * came) / (samples.without[round] ?? Number.NaN))
  const share = { group: 'Throughput that is left, of that without', unit: '%' as const }
  const limit = { of: 'median', atLeast: 60 } as const
  session.figure({ ...share, name: `${RATE} packets a second traced`, samples: left(samples.traced), limit })
  session.figure({ ...share, name: `${HIGH_RATE} packets a second traced`, samples: left(samples.high), limit })
  session.figure({
    group: 'Counted by the rules, and neither shown, left out nor lost',
    name: 'Hopscope',
    unit: 'count',
    samples: told.map(({ traced, starts: { shown, leftOut, unmeant }, lost }) =>
      Math.abs(traced - shown - leftOut - unmeant - lost),
    ),
    limit: { of: 'max', atMost: 0 },
  })
  session.figure({ group: 'Lost', name: 'Hopscope', unit: 'count', samples: told.map(({ lost }) => lost) })
  session.figure({ group: 'Packets told of', name: 'Hopscope', unit: 'count', samples: told.map(({ shown }) => shown) })
  const { hops = 0, samples: built = [] } = told.at(-1)?.building ?? {}
  session.figure({
    group: 'Building a story',
    name: `of ${hops} hops`,
    unit: 'ms',
    samples: built,
    limit: { of: 'median', atMost: 1 },
  })
}

const netns = (name: string): string[] => ['ip', 'netns', 'exec', name]

/** `a` and `b` on a bridge each; the host passes on between them. */
async function wire(host: SandboxHost): Promise<void> {
  const lines = ['a', 'b'].flatMap((name, i) => [
    `netns add ${name}`,
    `link add br-${name} up type bridge`,
    `address add 10.7${i + 1}.0.1/24 dev br-${name}`,
    `link add port-${name} up type veth peer name eth0 netns ${name}`,
    `link set port-${name} master br-${name}`,
    `-n ${name} address add 10.7${i + 1}.0.2/24 dev eth0`,
    `-n ${name} link set eth0 up`,
    `-n ${name} route add default via 10.7${i + 1}.0.1`,
  ])
  for (const line of lines) await host.run(['ip', ...line.split(' ')])
  await host.run(['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
  const chains = ['prerouting', 'forward', 'postrouting'].flatMap((hook) =>
    [-150, -10, 0, 10, 20, 30].map(
      (priority, i) => `chain ${hook}${i} { type filter hook ${hook} priority ${priority}; ip protocol udp counter; }`,
    ),
  )
  await host.run(['nft', '-f', '-'], { input: `table ip rules {\n${chains.join('\n')}\n}\n` })
}
