import type { HostSnapshot } from '@hopscope/model'
import {
  type Alternative,
  createLegacyLogs,
  createPacketizer,
  createRetelling,
  type Facts,
  factsOf,
  type Headers,
  joinPackets,
  type LegacyLog,
  lastHeaders,
  matches,
  type Story,
  type TracedPacket,
  type TraceEvent,
  type TraceSummary,
  type Travel,
} from '@hopscope/trace'

/** Makes stories of events. */
export type Teller = {
  hear(event: TraceEvent): void
  /** What iptables-legacy did with a packet. */
  hearLegacy(log: LegacyLog): void
  /** Events were lost: what is under way is not whole. */
  lost(): void
  /** Tells of packets whose way is over. Called at regular times, each time after all events that waited were heard. */
  tick(): void
  /** Tells of all that is left. */
  rest(): void
  readonly told: Told
}
/** Every packet is either shown or left out, and so is every start that was heard. */
type Told = Pick<TraceSummary, 'shown' | 'partial' | 'leftOut' | 'starts'>
export type OnStory = (story: Story, packets: readonly TracedPacket[]) => void
type Options = {
  /** What is meant; more may have been traced. */
  alternatives: readonly Alternative[]
  /** So many packets are told of; those beyond are only counted. */
  most: number
  snapshot: () => HostSnapshot
  /** Whether it will be heard what iptables-legacy does in a namespace. */
  legacyIsTold: (netns: string) => boolean
  onStory: OnStory
}

/**
 * Ticks without news until a packet has gone from a namespace, and until its way is over. Ticks rather than time: while we are busy the kernel's
 * messages wait.
 */
const GONE = 3
const OVER = 6
/** Milliseconds for which what belongs to no packet yet is kept: longer than a packet waits for a MAC address. */
const PATIENCE = 10_000

/** Puts events together to packets, these to ways, and tells of each once when it is over. */
export function createTeller({ alternatives, most, snapshot, legacyIsTold, onStory }: Options): Teller {
  let pool: TracedPacket[] = []
  const packetizer = createPacketizer({ onPacket: (packet) => pool.push(packet) })
  const legacy = createLegacyLogs(legacyIsTold)
  const retell = createRetelling()
  /** The time of the last event. */
  let last = 0
  /** The running number of the last event at the latest ticks. */
  const marks: number[] = []
  const told: Told = { shown: 0, partial: 0, leftOut: 0, starts: { shown: 0, leftOut: 0, unmeant: 0 } }
  /** Ticks since the last loss. */
  let sinceLoss = 0

  const show = (travel: Travel, facts: Facts, now: HostSnapshot) => {
    // What both tell of it waits in two queues: only of what is over everything was heard.
    const packets = travel.packets.map((packet) => legacy.attach(packet, facts))
    const whole = { packets, partial: travel.partial || packets.some((packet) => packet.partial) }
    const story = retell(whole, now)
    told.shown++
    told.starts.shown += startsOf(travel)
    if (story.partial) told.partial++
    onStory(story, packets)
  }
  const tell = ({ gone, over }: { gone: number; over: number }) => {
    packetizer.flush(gone)
    if (pool.length === 0) return
    const now = snapshot()
    const facts = factsOf(now)
    const waiting: TracedPacket[] = []
    for (const travel of joinPackets(pool, facts)) {
      // Its next piece may still be under way.
      if (travel.packets.some((packet) => packet.last > over)) waiting.push(...travel.packets)
      else if (!isMeant(travel, alternatives)) told.starts.unmeant += startsOf(travel)
      else if (told.shown < most) show(travel, facts, now)
      else {
        told.leftOut++
        told.starts.leftOut += startsOf(travel)
      }
    }
    pool = waiting
    legacy.forget(last - PATIENCE)
  }

  return {
    hear(event) {
      last = event.at
      packetizer.push(event)
    },
    hearLegacy: legacy.hear,
    lost() {
      sinceLoss = 0
      packetizer.lost()
      for (const packet of pool) packet.partial = true
    },
    tick() {
      // Whatever was lost of has been told of, or never will be.
      if (++sinceLoss > OVER) packetizer.calm()
      marks.unshift(packetizer.last)
      marks.length = Math.min(marks.length, OVER + 1)
      tell({ gone: marks[GONE] ?? 0, over: marks[OVER] ?? 0 })
    },
    rest: () => tell({ gone: packetizer.last, over: packetizer.last }),
    told,
  }
}

const startsOf = ({ packets }: Travel): number => packets.reduce((sum, { starts }) => sum + starts, 0)

/** What was traced for a translation that did not take place is none of it. Without headers nobody can tell. */
function isMeant({ packets }: Travel, alternatives: readonly Alternative[]): boolean {
  let known = false
  const isOne = (headers: Headers | undefined) => {
    if (headers === undefined) return false
    known = true
    return matches(alternatives, headers.flow)
  }
  return packets.some((packet) => isOne(packet.headers) || isOne(lastHeaders(packet))) || !known
}
