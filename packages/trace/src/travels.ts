import { hookOfOurs, isOurs, isSeen, startsLate, type TraceEvent } from './events.ts'
import type { Facts } from './facts.ts'
import { type Headers, isArp, readHeaders, signature } from './headers.ts'
import type { Joining, TracedPacket } from './packets.ts'

/** One packet on its way through all namespaces that it was seen in, in order. */
export type Travel = { packets: readonly TracedPacket[]; partial: boolean }

/** Where a packet is after the last event: a link of its namespace, behind it (`out`) or in front of its IP stack (`in`). */
export type Exit = { link: number; way: 'out' | 'in'; family: string }

/**
 * Joins what was seen of packets in single namespaces to whole ways: by the cable that one leaves by and the next comes in by, and
 * by what their headers say at that place, after and before translation. Packets are looked at in the order in which they were seen.
 */
export function joinPackets(packets: readonly TracedPacket[], facts: Facts): Travel[] {
  const travels: TracedPacket[][] = []
  const waiting = new Map<string, TracedPacket[][]>()
  for (const packet of [...packets].sort((a, b) => a.first - b.first)) {
    const { entry: key, next } = placesOf(packet, facts)
    const list = key === undefined ? undefined : waiting.get(key)
    // Two packets that say the same go on in the order in which they came.
    const travel = list?.shift() ?? begin(travels)
    travel.push(packet)
    if (next === undefined) continue
    const queue = waiting.get(next)
    if (queue) queue.push(travel)
    else waiting.set(next, [travel])
  }
  return travels.map((one) => ({ packets: one, partial: isCut(one[0], facts) || one.some(({ partial }) => partial) }))
}

/** It did not begin where its tracing did: it came by a cable, a bridge or lo, where it was meant as well and was not told of. */
function isCut(first: TracedPacket | undefined, facts: Facts): boolean {
  const [event] = first?.events ?? []
  if (first === undefined || event === undefined || !first.started) return true
  const { netns, events } = first
  const iif = events.find((one) => one.iif !== undefined)?.iif
  // Of all that a host puts on its bridge, only ARP does not come from its IP stack.
  if (iif === undefined) return event.family === 'bridge' && first.headers !== undefined && !isArp(first.headers)
  // Behind a translation it may not have been meant before.
  if (startsLate(event)) return false
  const link = facts.link(netns, iif)
  const before = link?.type === 'loopback' || link?.info.kind === 'bridge'
  return before || facts.peer({ netns, index: iif, name: '' }) !== undefined
}

/** Where the last thing that our own table saw of it says that it is; undefined when it did not get that far. */
export function exitOf({ netns, events }: TracedPacket, facts: Facts): Exit | undefined {
  const last = events.at(-1)
  const seen = events.findLast(isSeen)
  if (last === undefined || seen === undefined || !isOurs(last) || seen.chain !== last.chain) return undefined
  const exit = placeOf(seen)
  if (exit?.way !== 'out' || exit.family === 'bridge') return exit
  // A frame that iptables looks at on a bridge leaves by a port; iptables, which is last, is told the bridge.
  const port = events.findLast((event) => isSeen(event) && event.family === 'bridge' && event.chain === seen.chain)
  const isPort = port !== undefined && facts.link(netns, port.oif)?.master === exit.link
  return isPort ? placeOf(port) : exit
}

/** Its headers as they were last told. */
export const lastHeaders = (packet: TracedPacket): Headers | undefined => joiningOf(packet).headers

/** The places where it was seen first, and where it will be seen next. */
export function placesOf(packet: TracedPacket, facts: Facts): NonNullable<Joining['places']> {
  const joining = joiningOf(packet)
  if (joining.places?.facts !== facts) joining.places = { facts, entry: entryKey(packet), next: nextKey(packet, facts) }
  return joining.places
}

function joiningOf(packet: TracedPacket): Joining {
  if (packet.joining) return packet.joining
  const told = packet.events.findLast(({ l3 }) => l3 !== undefined)
  packet.joining = { headers: (told && readHeaders(told)) ?? packet.headers }
  return packet.joining
}

function placeOf(seen: TraceEvent): Exit | undefined {
  const hook = hookOfOurs(seen)
  if (hook === 'postrouting' && seen.oif !== undefined) return { link: seen.oif, way: 'out', family: seen.family }
  // What a kernel sends of ARP meets no other hook.
  if (hook === 'output' && seen.family === 'arp' && seen.oif !== undefined)
    return { link: seen.oif, way: 'out', family: seen.family }
  if (hook === 'input' && seen.iif !== undefined) return { link: seen.iif, way: 'in', family: seen.family }
  return undefined
}

function entryKey({ netns, headers, events }: TracedPacket): string | undefined {
  const iif = events.find((event) => event.iif !== undefined)?.iif
  return headers && iif !== undefined ? keyOf(netns, iif, headers) : undefined
}

/** The place where it will be seen next, if it will. */
function nextKey(packet: TracedPacket, facts: Facts): string | undefined {
  const { netns } = packet
  const exit = exitOf(packet, facts)
  const headers = lastHeaders(packet)
  if (exit === undefined || headers === undefined) return undefined
  const link = facts.link(netns, exit.link)
  if (exit.way === 'in') {
    // From a bridge up to the IP stack, which has it from the bridge's own link.
    return exit.family === 'bridge' && link?.master !== undefined ? keyOf(netns, link.master, headers) : undefined
  }
  if (link?.type === 'loopback') return keyOf(netns, exit.link, headers)
  const peer = facts.peer({ netns, index: exit.link, name: '' })
  return peer && keyOf(peer.netns, peer.index, headers)
}

const keyOf = (netns: string, link: number, headers: Headers): string => `${netns} ${link} ${signature(headers)}`

function begin(travels: TracedPacket[][]): TracedPacket[] {
  const made: TracedPacket[] = []
  travels.push(made)
  return made
}
