import { isOurs, isStart, type TraceEvent } from './events.ts'
import type { Facts } from './facts.ts'
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
  /** Times that its tracing started, as the kernel counts them: also where too many events came to keep them all. */
  starts: number
  /** Events of it were lost: it is no whole story. */
  partial: boolean
  /** What `joinPackets` found out of it: it is joined anew as long as its next piece may come. */
  joining: Joining | undefined
}
/** Its headers as they were last told; and, by the facts of some time, the place where it came in and the one where it will be seen next. */
export type Joining = {
  headers: Headers | undefined
  places?: { facts: Facts; entry: string | undefined; next: string | undefined }
}

export type Packetizer = {
  push(event: TraceEvent): void
  /**
   * Events were lost: whatever is under way, or begins until all is `calm` again, may lack some. The kernel says so before it hands over what
   * had come before.
   */
  lost(): void
  calm(): void
  /** Gives out the packets whose last event has this running number or an earlier one. */
  flush(upTo: number): void
  /** The running number of the last event. */
  readonly last: number
}
type Options = {
  onPacket: (packet: TracedPacket) => void
  /** Most packets under way at once in a namespace, 20,000 if not given; beyond that the oldest are given out as partial. */
  most?: number
}
/** A packet under way, and what told its headers, once in each base chain. */
type Open = { packet: TracedPacket; told: TraceEvent[] }

const MOST_OPEN = 20_000
/** Rules that jump in circles are refused by the kernel; nothing sensible meets as many rules as this. */
const MOST_EVENTS = 2_000

/** In the place of a packet that was given out. */
const NONE: TracedPacket = {
  ...{ netns: '', id: -1, first: 0, last: 0, at: 0, headers: undefined, events: [] },
  ...{ started: false, starts: 0, partial: false, joining: undefined },
}

/**
 * Puts events together into packets. The kernel names a packet by a hash of where it lies in memory, so that another one has the
 * same id a moment later: headers for a base chain that has been seen under an id start a new packet.
 */
export function createPacketizer({ onPacket, most = MOST_OPEN }: Options): Packetizer {
  // By namespace and then by id: a key made of both would have to be made anew for every event.
  const all = new Map<string, Map<number, Open>>()
  let running = 0
  let doubtful = false

  const close = (packets: Map<number, Open>, open: Open) => {
    const { packet } = open
    packets.delete(packet.id)
    // The map leaves tables behind that still hold what was in it; no packet shall live as long as these.
    open.packet = NONE
    open.told = []
    onPacket(packet)
  }
  const begin = (packets: Map<number, Open>, event: TraceEvent): Open => {
    const [oldest] = packets.size >= most ? packets.values() : []
    if (oldest) {
      oldest.packet.partial = true
      close(packets, oldest)
    }
    const { netns, id, at } = event
    const packet: TracedPacket = {
      netns,
      id,
      first: running,
      last: running,
      at,
      headers: undefined,
      events: [],
      started: isStart(event),
      starts: 0,
      partial: doubtful,
      joining: undefined,
    }
    const made: Open = { packet, told: [] }
    packets.set(id, made)
    return made
  }
  const packetsIn = (netns: string): Map<number, Open> => {
    const known = all.get(netns)
    if (known) return known
    const made = new Map<number, Open>()
    all.set(netns, made)
    return made
  }

  return {
    push(event) {
      running++
      if (event.type === 'rule' && event.handle === undefined) return
      const packets = packetsIn(event.netns)
      let open = packets.get(event.id)
      const tells = event.l3 !== undefined
      if (tells && open?.told.some((one) => isOfBaseChain(one, event))) {
        close(packets, open)
        open = undefined
      }
      open ??= begin(packets, event)
      const { packet } = open
      if (tells) {
        open.told.push(event)
        packet.headers ??= readHeaders(event)
      }
      packet.last = running
      if (isStart(event)) packet.starts++
      if (packet.events.length < MOST_EVENTS) packet.events.push(event)
      else packet.partial = true
    },
    lost() {
      doubtful = true
      for (const packets of all.values()) for (const { packet } of packets.values()) packet.partial = true
    },
    calm() {
      doubtful = false
    },
    flush(upTo) {
      for (const packets of all.values())
        for (const open of packets.values()) if (open.packet.last <= upTo) close(packets, open)
    },
    get last() {
      return running
    },
  }
}

/** Whether both were told in the same base chain. */
const isOfBaseChain = (a: TraceEvent, b: TraceEvent): boolean =>
  a.family === b.family &&
  a.table === b.table &&
  (a.chain === b.chain || (isOurs(a) && baseOfOurs(a) === baseOfOurs(b)))

/** Tracing may begin in the chain of ours that the base chain goes to: the headers are told there then. */
const baseOfOurs = ({ chain }: TraceEvent): string => (chain.startsWith('start-') ? `match-${chain.slice(6)}` : chain)
