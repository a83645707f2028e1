import { type HostSnapshot, recordsOf } from '@hopscope/model'
import { openTraceEvents, readWaitingEvents } from '@hopscope/netlink'
import {
  type Alternative,
  createPacketizer,
  factsOf,
  isStart,
  joinPackets,
  lastHeaders,
  matches,
  type Story,
  type TracedPacket,
  type TraceEvent,
  type Travel,
  tellStory,
  widen,
} from '@hopscope/trace'
import type { CaptureLimit } from './limit.ts'
import { createPlaces } from './places.ts'
import { type OwnPorts, traceTables } from './ruleset.ts'

export type CaptureOptions = {
  alternatives: readonly Alternative[]
  limit: CaptureLimit
  /** Of the host as it is now; asked again while the tracing lasts. */
  snapshot: () => HostSnapshot
  own?: OwnPorts
  only?: ReadonlySet<string>
  /** A packet whose way is over, with all that was told of it. */
  onStory: (story: Story, packets: readonly TracedPacket[]) => void
}

/** What a tracing came to. Every packet that the kernel traced was shown, or is counted as lost. */
export type CaptureSummary = {
  ended: 'packets' | 'seconds' | 'stopped'
  shown: number
  /** Shown, but not all of their way. */
  partial: number
  /** Times that a rule of ours met a packet that was meant, in all namespaces together. */
  meant: number
  /** Those that were within the limits, and so traced. */
  traced: number
  /** Traced, and what the kernel told of it did not reach us. */
  lost: number
  /** Times that the kernel had to throw messages away because we did not read fast enough. */
  overruns: number
  namespaces: number
  unavailable: { netns: string; because: string }[]
  /** Namespaces with rules of iptables-legacy, of which nothing is told. */
  legacy: string[]
}
export type Capture = {
  done: Promise<CaptureSummary>
  /** So many namespaces are armed now. */
  readonly namespaces: number
  stop(): void
}

const TICK = 100
/**
 * Ticks without news, each after all that waited was read, until a packet has gone from a namespace, and until its way is over. Ticks rather
 * than time: while we are busy the kernel's messages wait.
 */
const GONE = 3
const OVER = 6

/**
 * Traces packets in all namespaces until enough were shown, the time is over or `stop` is called; then nothing of it is left. Throws
 * NetlinkError when the kernel's messages cannot be heard. Same as rules with "meta nftrace set 1" and "nft monitor trace" everywhere.
 */
export function openCapture({ alternatives, limit, snapshot, own = [], only, onStory }: CaptureOptions): Capture {
  const rules = { alternatives: widen(alternatives, snapshot()), limit, own }
  const places = createPlaces({ tables: (translates) => traceTables({ ...rules, translates }), ...(only && { only }) })
  let pool: TracedPacket[] = []
  const packetizer = createPacketizer({ onPacket: (packet) => pool.push(packet) })
  const tally = { heard: 0, started: 0, shown: 0, partial: 0, overruns: 0 }
  let end: (summary: CaptureSummary) => void = () => undefined
  const done = new Promise<CaptureSummary>((resolve) => {
    end = resolve
  })

  const events = openTraceEvents({
    onTrace(nsid, trace) {
      tally.heard++
      const netns = places.byNsid(nsid)
      if (netns === undefined) return
      const event: TraceEvent = { netns, at: performance.now(), ...trace }
      if (isStart(event)) tally.started++
      packetizer.push(event)
    },
    onLoss() {
      tally.overruns++
      packetizer.lost()
    },
  })

  /** What was traced for a translation that did not take place is none of it. Without headers nobody can tell. */
  const isMeant = ({ packets }: Travel) => {
    const flows = packets.flatMap((packet) => [packet.headers, lastHeaders(packet)]).flatMap((h) => (h ? [h.flow] : []))
    return flows.length === 0 || flows.some((flow) => matches(alternatives, flow))
  }

  const tell = ({ gone, over }: { gone: number; over: number }) => {
    packetizer.flush(gone)
    if (pool.length === 0) return
    const now = snapshot()
    const waiting: TracedPacket[] = []
    for (const travel of joinPackets(pool, factsOf(now))) {
      // Its next piece may still be under way.
      if (travel.packets.some(({ last }) => last > over)) waiting.push(...travel.packets)
      else if (tally.shown < limit.packets && isMeant(travel)) {
        tally.shown++
        if (travel.partial) tally.partial++
        onStory(tellStory(travel, now), travel.packets)
      }
    }
    pool = waiting
  }

  /** What the kernel has told until now and is still waiting for us. */
  const readAll = () => {
    for (let before = -1; before !== tally.heard; ) {
      before = tally.heard
      readWaitingEvents()
    }
  }

  let ending = false
  const finish = (ended: CaptureSummary['ended']) => {
    if (ending) return
    ending = true
    clearInterval(ticks)
    clearTimeout(timer)
    places.disarm()
    const { meant, traced } = places.counts()
    readAll()
    tell({ gone: packetizer.last, over: packetizer.last })
    const unavailable = [...places.unavailable].map(([netns, because]) => ({ netns, because }))
    const namespaces = places.armed
    places.close()
    events.close()
    end({
      ended,
      ...{ shown: tally.shown, partial: tally.partial },
      ...{ meant, traced, lost: Math.max(0, traced - tally.started), overruns: tally.overruns },
      ...{ namespaces, unavailable, legacy: legacyPlaces(snapshot()) },
    })
  }

  /** The running number of the last event at the latest ticks. */
  const marks: number[] = []
  const ticks = setInterval(() => {
    places.follow(snapshot())
    readAll()
    marks.unshift(packetizer.last)
    marks.length = Math.min(marks.length, OVER + 1)
    tell({ gone: marks[GONE] ?? 0, over: marks[OVER] ?? 0 })
    if (tally.shown >= limit.packets) finish('packets')
  }, TICK)
  const timer = setTimeout(() => finish('seconds'), limit.seconds * 1000)
  places.follow(snapshot())
  return {
    done,
    get namespaces() {
      return places.armed
    },
    stop: () => finish('stopped'),
  }
}

const legacyPlaces = (snapshot: HostSnapshot): string[] => [
  ...new Set(recordsOf(snapshot, 'fwTable').flatMap(({ engine, netns }) => (engine === 'legacy' ? [netns] : []))),
]
