import type { HostSnapshot } from '@hopscope/model'
import { openTraceEvents, readWaitingEvents } from '@hopscope/netlink'
import { type Alternative, isStart, type LegacyLog, type TraceEvent, type TraceSummary, widen } from '@hopscope/trace'
import type { CaptureLimit } from './limit.ts'
import { reapLoggers } from './loggers.ts'
import { createPlaces, type Places } from './places.ts'
import { type OwnPorts, traceTables } from './ruleset.ts'
import { createTeller, type OnStory, type Teller } from './teller.ts'

export type CaptureOptions = {
  alternatives: readonly Alternative[]
  limit: CaptureLimit
  /** Of the host as it is now; asked again while the tracing lasts. */
  snapshot: () => HostSnapshot
  own?: OwnPorts
  /** Also what the kernels of namespaces send and take of ARP, and not only what passes bridges. */
  arp?: boolean
  /** A packet whose way is over, with all that was told of it. */
  onStory: OnStory
  /** Bytes of the kernel's messages that may wait for us before some are lost; 64 MiB when left out. */
  receiveBuffer?: number
}

export type Capture = {
  done: Promise<TraceSummary>
  /** So many namespaces are armed now; in these others nothing can be traced. */
  readonly namespaces: number
  readonly unavailable: TraceSummary['unavailable']
  readonly legacy: TraceSummary['legacy']
  /** Times that the kernel had to throw messages away, until now. */
  readonly overruns: number
  stop(): void
}

const TICK = 100

/**
 * Traces packets in all namespaces until enough were shown, the time is over or `stop` is called; then nothing of it is left. Throws
 * NetlinkError when the kernel's messages cannot be heard. Same as rules with "meta nftrace set 1" and "nft monitor trace" everywhere.
 */
export function openCapture(options: CaptureOptions): Capture {
  const { alternatives, limit, snapshot, own = [], arp = false, onStory } = options
  const rules = { alternatives: widen(alternatives, snapshot()), limit, own, arp }
  reapLoggers(snapshot())
  const places = createPlaces({
    tables: (others) => traceTables({ ...rules, others }),
    onLegacy: (netns, packet) => ears.hearLegacy({ netns, at: performance.now(), ...packet }),
    onLegacyLoss: () => ears.lost(),
    onLeave: () => ears.readAll(),
  })
  const legacyIsTold = places.tellsLegacy
  const teller = createTeller({ alternatives, most: limit.packets, snapshot, legacyIsTold, onStory })
  const ears = listen(places, teller, options)
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
    const counted = settle(places, ears)
    teller.rest()
    const namespaces = places.armed
    places.close()
    ears.close()
    end({ ended, ...teller.told, ...counted, namespaces, ...lacking(places) })
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
    if (teller.told.shown >= limit.packets) finish('packets')
  }, TICK)
  const timer = setTimeout(() => finish('seconds'), limit.seconds * 1000)
  return {
    done,
    get namespaces() {
      return places.armed
    },
    get unavailable() {
      return lacking(places).unavailable
    },
    get legacy() {
      return lacking(places).legacy
    },
    get overruns() {
      return ears.counts().overruns
    },
    stop: () => finish('stopped'),
  }
}

type Ears = {
  hearLegacy(log: LegacyLog): void
  lost(): void
  /** Hears at once what the kernel has told until now. */
  readAll(): void
  counts(): { started: number; overruns: number }
  close(): void
}

function listen(places: Places, teller: Teller, { receiveBuffer }: Pick<CaptureOptions, 'receiveBuffer'>): Ears {
  let [heard, started, overruns] = [0, 0, 0]
  const lost = () => {
    overruns++
    teller.lost()
  }
  const events = openTraceEvents({
    ...(receiveBuffer !== undefined && { receiveBuffer }),
    onTrace(nsid, trace) {
      heard++
      const netns = places.byNsid(nsid)
      if (netns === undefined) return
      // Not copied: this runs a hundred thousand times a second when a flood is traced. `trace` is nobody else's.
      const event = trace as TraceEvent
      event.netns = netns
      event.at = performance.now()
      if (isStart(event)) started++
      teller.hear(event)
    },
    onLoss: lost,
  })
  return {
    hearLegacy(log) {
      heard++
      teller.hearLegacy(log)
    },
    lost,
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

/** So often the counters are read until they agree with what was heard. */
const LOOKS = 4

/**
 * What the kernel counted, and how much of it was not heard of, once nothing starts any more. A packet that another CPU has within a rule of ours
 * while that is disarmed is counted, and told of, a moment later.
 */
function settle(places: Places, ears: Ears): Pick<TraceSummary, 'meant' | 'traced' | 'lost' | 'overruns'> {
  for (let looks = 1; ; looks++) {
    const { meant, traced } = places.counts()
    ears.readAll()
    const { started, overruns } = ears.counts()
    const lost = traced - started
    if (lost === 0 || (lost > 0 && overruns > 0) || looks === LOOKS) return { meant, traced, lost, overruns }
  }
}

const lacking = ({ unavailable, untold }: Places): Pick<TraceSummary, 'unavailable' | 'legacy'> => ({
  unavailable: [...unavailable].map(([netns, because]) => ({ netns, because })),
  legacy: [...untold].map(([netns, because]) => ({ netns, because })),
})
