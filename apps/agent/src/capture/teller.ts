import type { HostSnapshot } from '@hopscope/model'
import {
  type Alternative,
  createPacketizer,
  factsOf,
  joinPackets,
  lastHeaders,
  matches,
  type Story,
  type TracedPacket,
  type TraceEvent,
  type Travel,
  tellStory,
} from '@hopscope/trace'

/** Makes stories of events. */
export type Teller = {
  hear(event: TraceEvent): void
  /** Events were lost: what is under way is not whole. */
  lost(): void
  /** Tells of packets whose way is over. Called at regular times, each time after all events that waited were heard. */
  tick(): void
  /** Tells of all that is left. */
  rest(): void
  readonly shown: number
  /** Of those: not all of their way. */
  readonly partial: number
}
export type OnStory = (story: Story, packets: readonly TracedPacket[]) => void
type Options = {
  /** What is meant; more may have been traced. */
  alternatives: readonly Alternative[]
  /** So many packets are told of, and no more. */
  most: number
  snapshot: () => HostSnapshot
  onStory: OnStory
}

/**
 * Ticks without news until a packet has gone from a namespace, and until its way is over. Ticks rather than time: while we are busy the kernel's
 * messages wait.
 */
const GONE = 3
const OVER = 6

/** Puts events together to packets, these to ways, and tells of each once when it is over. */
export function createTeller({ alternatives, most, snapshot, onStory }: Options): Teller {
  let pool: TracedPacket[] = []
  const packetizer = createPacketizer({ onPacket: (packet) => pool.push(packet) })
  /** The running number of the last event at the latest ticks. */
  const marks: number[] = []
  let [shown, partial] = [0, 0]

  const tell = ({ gone, over }: { gone: number; over: number }) => {
    packetizer.flush(gone)
    if (pool.length === 0) return
    const now = snapshot()
    const waiting: TracedPacket[] = []
    for (const travel of joinPackets(pool, factsOf(now))) {
      // Its next piece may still be under way.
      if (travel.packets.some(({ last }) => last > over)) waiting.push(...travel.packets)
      else if (shown < most && isMeant(travel, alternatives)) {
        shown++
        if (travel.partial) partial++
        onStory(tellStory(travel, now), travel.packets)
      }
    }
    pool = waiting
  }

  return {
    hear: packetizer.push,
    lost: packetizer.lost,
    tick() {
      marks.unshift(packetizer.last)
      marks.length = Math.min(marks.length, OVER + 1)
      tell({ gone: marks[GONE] ?? 0, over: marks[OVER] ?? 0 })
    },
    rest: () => tell({ gone: packetizer.last, over: packetizer.last }),
    get shown() {
      return shown
    },
    get partial() {
      return partial
    },
  }
}

/** What was traced for a translation that did not take place is none of it. Without headers nobody can tell. */
function isMeant({ packets }: Travel, alternatives: readonly Alternative[]): boolean {
  const flows = packets.flatMap((packet) => [packet.headers, lastHeaders(packet)]).flatMap((h) => (h ? [h.flow] : []))
  return flows.length === 0 || flows.some((flow) => matches(alternatives, flow))
}
