import { isStart, type TraceEvent } from './events.ts'
import { type Headers, readHeaders } from './headers.ts'

/** A packet while it was in one namespace: all that the kernel told of it there, in order. */
export type TracedPacket = {
  netns: string
  id: number
  /** Running numbers of its first and last event among all events. */
  first: number
  last: number
  /** The time of the first. */
  at: number
  /** As it was first seen. */
  headers: Headers | undefined
  events: TraceEvent[]
  /** It was seen from where its tracing starts. */
  started: boolean
  /** Events of it were lost: it is no whole story. */
  partial: boolean
}

export type Packetizer = {
  push(event: TraceEvent): void
  /** Events were lost: whatever is under way may have lacked some. */
  lost(): void
  /** Gives out the packets whose last event has this running number or an earlier one. */
  flush(upTo: number): void
  /** The running number of the last event. */
  readonly last: number
  /** Packets whose end is not known yet. */
  readonly open: number
}
type Options = {
  onPacket: (packet: TracedPacket) => void
  /** Most packets under way at once, 20,000 if not given; beyond that the oldest are given out as partial. */
  most?: number
}
type Open = TracedPacket & { chains: Set<string> }

const MOST_OPEN = 20_000
/** Rules that jump in circles are refused by the kernel; nothing sensible meets as many rules as this. */
const MOST_EVENTS = 2_000

/**
 * Puts events together into packets. The kernel names a packet by a hash of where it lies in memory, so that another one has the
 * same id a moment later: headers for a base chain that has been seen under an id start a new packet.
 */
export function createPacketizer({ onPacket, most = MOST_OPEN }: Options): Packetizer {
  const packets = new Map<string, Open>()
  let running = 0

  const close = (key: string, { chains: _, ...packet }: Open) => {
    packets.delete(key)
    onPacket(packet)
  }
  const begin = (key: string, event: TraceEvent): Open => {
    const [oldest] = packets
    if (packets.size >= most && oldest) close(oldest[0], { ...oldest[1], partial: true })
    const { netns, id, at } = event
    const headers = readHeaders(event)
    const started = isStart(event)
    const made = {
      netns,
      id,
      first: running,
      last: running,
      at,
      headers,
      events: [],
      started,
      partial: false,
      chains: new Set<string>(),
    }
    packets.set(key, made)
    return made
  }

  return {
    push(event) {
      running++
      if (event.type === 'rule' && event.handle === undefined) return
      const key = `${event.netns} ${event.id}`
      let packet = packets.get(key)
      const chain = event.l3 === undefined ? undefined : `${event.family} ${event.table} ${event.chain}`
      if (packet && chain !== undefined && packet.chains.has(chain)) {
        close(key, packet)
        packet = undefined
      }
      packet ??= begin(key, event)
      if (chain !== undefined) packet.chains.add(chain)
      packet.headers ??= readHeaders(event)
      packet.last = running
      if (packet.events.length < MOST_EVENTS) packet.events.push(event)
      else packet.partial = true
    },
    lost() {
      for (const packet of packets.values()) packet.partial = true
    },
    flush(upTo) {
      for (const [key, packet] of packets) if (packet.last <= upTo) close(key, packet)
    },
    get last() {
      return running
    },
    get open() {
      return packets.size
    },
  }
}
