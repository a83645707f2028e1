import { fillLargeHost } from '@hopscope/testkit/largeHost'
import type { Bench } from '../bench.ts'
import { summary } from '../figure.ts'
import { startInside, withHost } from '../insideHost.ts'
import { residentMegabytes } from '../processes.ts'

const SIZES = [50, 100, 300, 600, 1_000]
const axis = 'namespaces'

export const growth: Bench = {
  name: 'growth',
  title: 'Growth with the number of namespaces',
  about:
    'Reading everything again, and memory of an agent that has just read everything some times, with 50 to 1,000 namespaces. ' +
    'The exponent is the slope of the line through the medians on logarithmic axes: 1 is linear.',
  runs: 10,
  async run(session) {
    const times: Point[] = []
    const memories: Point[] = []
    for (const namespaces of SIZES) {
      await withHost({ name: 'bench-growth', docker: false }, async (host) => {
        await fillLargeHost(host, { namespaces })
        const reader = await startInside(host, 'reader')
        const samples: number[] = []
        for (let run = -3; run < session.runs; run++) {
          const milliseconds = await reader.ask<number>('reread')
          if (run >= 0) samples.push(milliseconds)
        }
        const rss = residentMegabytes(reader.pid)
        await reader.close()
        const at = { axis, value: namespaces }
        session.figure({ group: 'reading everything again', name: 'Hopscope', unit: 'ms', samples, at })
        session.figure({ group: 'memory', name: 'agent (RSS)', unit: 'MB', samples: [rss], at })
        times.push({ at: namespaces, value: summary(samples).median })
        memories.push({ at: namespaces, value: rss })
      })
    }
    const limit = { of: 'median', atMost: 1.1 } as const
    const group = 'growth exponent'
    session.figure({ group, name: 'time to read', unit: '×', samples: [exponent(times)], limit })
    session.figure({ group, name: 'memory', unit: '×', samples: [exponent(memories)], limit })
  },
}

type Point = { at: number; value: number }

/** The slope of the least-squares line through the logarithms. */
function exponent(points: readonly Point[]): number {
  const logs = points.map(({ at, value }) => ({ x: Math.log(at), y: Math.log(value) }))
  const mean = (of: (point: { x: number; y: number }) => number) =>
    logs.reduce((sum, p) => sum + of(p), 0) / logs.length
  const [x, y] = [mean((p) => p.x), mean((p) => p.y)]
  return mean((p) => (p.x - x) * (p.y - y)) / mean((p) => (p.x - x) ** 2)
}
