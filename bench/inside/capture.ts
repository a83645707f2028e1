import { createInterface } from 'node:readline'
import { factsOf, isStart, joinPackets, readFilter, type TracedPacket, tellStory } from '@hopscope/trace'
import { captureLimitSchema } from '../../apps/agent/src/capture/limit.ts'
import { type Capture, openCapture } from '../../apps/agent/src/capture/session.ts'
import { startObserver } from '../../apps/agent/src/observer.ts'

// Runs inside a host, as the agent does, and traces what a filter means from "begin" to "end". Then it tells what that came to, the times
// that tracing began with a packet it told of, and what it takes to build the longest of the stories.
const [filter = '', limit = '{}'] = process.argv.slice(2)
const observer = await startObserver({ vantage: { kind: 'sandbox', sandbox: 'bench', rootless: false } })
await observer.quiet()

const BUILDS = 1_000
type Tracing = { capture: Capture; told: { starts: number; hops: number; longest: readonly TracedPacket[] } }

function begin(): Tracing {
  const read = readFilter(filter, { container: {} })
  if (!read.ok) throw new Error(`not a filter: ${filter}`)
  const told: Tracing['told'] = { starts: 0, hops: 0, longest: [] }
  const capture = openCapture({
    alternatives: read.alternatives,
    limit: captureLimitSchema.parse(JSON.parse(limit)),
    snapshot: observer.snapshot,
    onStory({ way, partial }, packets) {
      for (const { events } of packets) for (const event of events) if (isStart(event)) told.starts++
      if (partial || way.hops.length <= told.hops) return
      told.hops = way.hops.length
      told.longest = packets
    },
  })
  return { capture, told }
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
  if (request === 'begin') {
    tracing = begin()
    say('armed')
  } else if (tracing) {
    const { capture, told } = tracing
    capture.stop()
    say({ ...(await capture.done), starts: told.starts, building: building(told.longest) })
  }
}
await observer.close()
process.exit(0)
