import { type HostSnapshot, recordsOf } from '@hopscope/model'
import { openTraceEvents, readWaitingEvents } from '@hopscope/netlink'
import { type Alternative, isStart, type TraceEvent, type TraceSummary, widen } from '@hopscope/trace'
import type { CaptureLimit } from './limit.ts'
import { createPlaces, type Places } from './places.ts'
import { type OwnPorts, traceTables } from './ruleset.ts'
import { createTeller, type OnStory, type Teller } from './teller.ts'

export type CaptureOptions = {
  alternatives: readonly Alternative[]
  limit: CaptureLimit
  /** Of the host as it is now; asked again while the tracing lasts. */
  snapshot: () => HostSnapshot
  own?: OwnPorts
  /** A packet whose way is over, with all that was told of it. */
  onStory: OnStory
}

export type Capture = {
  done: Promise<TraceSummary>
  /** So many namespaces are armed now; in these others nothing can be traced. */
  readonly namespaces: number
  readonly unavailable: TraceSummary['unavailable']
  readonly legacy: string[]
  /** Times that the kernel had to throw messages away, until now. */
  readonly overruns: number
  stop(): void
}

const TICK = 100

/**
 * Traces packets in all namespaces until enough were shown, the time is over or `stop` is called; then nothing of it is left. Throws
 * NetlinkError when the kernel's messages cannot be heard. Same as rules with "meta nftrace set 1" and "nft monitor trace" everywhere.
 */
export function openCapture({ alternatives, limit, snapshot, own = [], onStory }: CaptureOptions): Capture {
  const rules = { alternatives: widen(alternatives, snapshot()), limit, own }
  const places = createPlaces((translates) => traceTables({ ...rules, translates }))
  const teller = createTeller({ alternatives, most: limit.packets, snapshot, onStory })
  const ears = listen(places, teller)
  let end: (summary: TraceSummary) => void = () => undefined
  const done = new Promise<TraceSummary>((resolve) => {
    end = resolve
  })

  let ending = false
  const finish = (ended: TraceSummary['ended']) => {
    if (ending) return
    ending = true
    clearInterval(ticks)
    clearTimeout(timer)
    places.disarm()
    const { meant, traced } = places.counts()
    ears.readAll()
    teller.rest()
    const { shown, partial } = teller
    const { started, overruns } = ears.counts()
    const unavailable = unavailablePlaces(places)
    const told = { shown, partial, meant, traced, lost: Math.max(0, traced - started), overruns }
    const namespaces = places.armed
    places.close()
    ears.close()
    end({ ended, ...told, namespaces, unavailable, legacy: legacyPlaces(snapshot()) })
  }

  try {
    places.follow(snapshot())
  } catch (cause) {
    places.close()
    ears.close()
    throw cause
  }
  const ticks = setInterval(() => {
    ears.readAll()
    places.follow(snapshot())
    teller.tick()
    if (teller.shown >= limit.packets) finish('packets')
  }, TICK)
  const timer = setTimeout(() => finish('seconds'), limit.seconds * 1000)
  return {
    done,
    get namespaces() {
      return places.armed
    },
    get unavailable() {
      return unavailablePlaces(places)
    },
    get legacy() {
      return legacyPlaces(snapshot())
    },
    get overruns() {
      return ears.counts().overruns
    },
    stop: () => finish('stopped'),
  }
}

type Ears = {
  /** Hears at once what the kernel has told until now. */
  readAll(): void
  counts(): { started: number; overruns: number }
  close(): void
}

function listen(places: Places, teller: Teller): Ears {
  let [heard, started, overruns] = [0, 0, 0]
  const events = openTraceEvents({
    onTrace(nsid, trace) {
      heard++
      const netns = places.byNsid(nsid)
      if (netns === undefined) return
      const event: TraceEvent = { netns, at: performance.now(), ...trace }
      if (isStart(event)) started++
      teller.hear(event)
    },
    onLoss() {
      overruns++
      teller.lost()
    },
  })
  return {
    readAll() {
      for (let before = -1; before !== heard; ) {
        before = heard
        readWaitingEvents()
      }
    },
    counts: () => ({ started, overruns }),
    close: events.close,
  }
}

const unavailablePlaces = ({ unavailable }: Places): TraceSummary['unavailable'] =>
  [...unavailable].map(([netns, because]) => ({ netns, because }))

const legacyPlaces = (snapshot: HostSnapshot): string[] => [
  ...new Set(recordsOf(snapshot, 'fwTable').flatMap(({ engine, netns }) => (engine === 'legacy' ? [netns] : []))),
]
