import { echoType, isDiscovery, isIcmp } from '../icmp.ts'
import { type Packet, sameTuple, type Tracked, tupleOf, turned } from '../packet.ts'
import { note, predicted, type Walk } from '../walk.ts'

/** Finds the connection of a packet in its namespace's table, or notes a new one. Same as "conntrack -L". */
export function track(walk: Walk, netns: string, packet: Packet): Packet {
  // What already has its place, or was told to have none, keeps it.
  if (packet.ct !== undefined) return packet
  if (isDiscovery(packet)) return { ...packet, ct: { state: 'UNTRACKED', direction: 'original' } }
  if (packet.inner) return trackError(walk, netns, packet)
  const tuple = tupleOf(packet)
  for (const entry of walk.tracked) {
    if (entry.netns !== netns) continue
    // From an address to itself a ping and its answer differ by their type alone.
    if (sameTuple(entry.orig, tuple) && packet.icmpType !== echoType('reply', packet.dst)) {
      const state = entry.seenReply ? ('ESTABLISHED' as const) : ('NEW' as const)
      return { ...packet, ct: { state, entry, direction: 'original' } }
    }
    if (sameTuple(entry.reply, tuple)) {
      // Refused before anybody answered: the kernel forgets it at once, and what passes this table again belongs to nothing.
      if (!entry.seenReply && packet.tcpFlags.includes('RST')) walk.tracked.splice(walk.tracked.indexOf(entry), 1)
      entry.seenReply = true
      note(walk, { ...predicted(netns), kind: 'conntrack', entry: 'reused', state: 'established' })
      return { ...packet, ct: { state: 'ESTABLISHED', entry, direction: 'reply' } }
    }
  }
  if (!begins(packet)) return { ...packet, ct: { state: 'INVALID', direction: 'original' } }
  const entry: Tracked = {
    netns,
    orig: tuple,
    reply: turned(tuple),
    dstDone: false,
    srcDone: false,
    dnat: false,
    snat: false,
    mark: 0,
    seenReply: false,
    ...(packet.drawn && { origDrawn: packet.drawn }),
  }
  walk.tracked.push(entry)
  note(walk, { ...predicted(netns), kind: 'conntrack', entry: 'created', state: 'new' })
  return { ...packet, ct: { state: 'NEW', entry, direction: 'original' } }
}

/** An ICMP error belongs to the connection of the packet that it is about. */
function trackError(walk: Walk, netns: string, packet: Packet): Packet {
  const { inner } = packet
  const entry = walk.tracked.find((e) => inner && e.netns === netns && sameTuple(e.reply, turned(inner)))
  if (!entry) return { ...packet, ct: { state: 'INVALID', direction: 'original' } }
  note(walk, { ...predicted(netns), kind: 'conntrack', entry: 'reused', state: 'related' })
  return { ...packet, ct: { state: 'RELATED', entry, direction: 'reply' } }
}

/** Only these begin a connection; an answer without a question is invalid. */
function begins(packet: Packet): boolean {
  const { protocol, tcpFlags, icmpType } = packet
  if (protocol === 'tcp') return tcpFlags.includes('SYN') && !tcpFlags.includes('ACK')
  return !isIcmp(packet) || icmpType === echoType('request', packet.dst)
}
