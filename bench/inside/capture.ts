import { createInterface } from 'node:readline'
import { factsOf, joinPackets, readFilter, type TracedPacket, tellStory } from '@hopscope/trace'
import { captureLimitSchema } from '../../apps/agent/src/capture/limit.ts'
import { type Capture, openCapture } from '../../apps/agent/src/capture/session.ts'
import { startObserver } from '../../apps/agent/src/observer.ts'

// Runs inside a host, as the agent does, and traces what a filter means from a line with the limit to "end". Then it tells what that came to,
// and what it takes to build the longest of the stories.
const [filter = ''] = process.argv.slice(2)
const observer = await startObserver({ vantage: { kind: 'sandbox', sandbox: 'bench', rootless: false } })
await observer.quiet()

const BUILDS = 1_000
type Tracing = { capture: Capture; longest: { hops: number; packets: readonly TracedPacket[] } }

function begin(limit: string): Tracing {
  const read = readFilter(filter, { container: {} })
  if (!read.ok) throw new Error(`not a filter: ${filter}`)
  const longest: Tracing['longest'] = { hops: 0, packets: [] }
  const capture = openCapture({
    alternatives: read.alternatives,
    limit: captureLimitSchema.parse(JSON.parse(limit)),
    snapshot: observer.snapshot,
    onStory({ way, partial }, packets) {
      if (partial || way.hops.length <= longest.hops) return
      longest.hops = way.hops.length
      longest.packets = packets
    },
  })
  return { capture, longest }
}

/** Milliseconds from the packets of one travel to its story, once all is warm, and how many hops that has. */
function building(packets: readonly TracedPacket[]): { hops: number; samples: number[] } {
  const snapshot = observer.snapshot()
  const facts = factsOf(snapshot)
  const samples: number[] = []
  let hops = 0
  for (let i = -BUILDS; i < BUILDS; i++) {
    const began = performance.now()
    const [travel] = joinPackets(packets, facts)
    if (travel) hops = tellStory(travel, snapshot).way.hops.length
    if (i >= 0) samples.push(performance.now() - began)
  }
  return { hops, samples }
}

const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`)
say('ready')
let tracing: Tracing | undefined
for await (const request of createInterface({ input: process.stdin })) {
  if (request !== 'end') {
    tracing = begin(request)
    say('armed')
  } else if (tracing) {
    const { capture, longest } = tracing
    capture.stop()
    say({ ...(await capture.done), building: building(longest.packets) })
  }
}
await observer.close()
process.exit(0)
