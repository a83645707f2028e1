import type { Hop, Link, LinkRef } from '@hopscope/model'
import { hookOfOurs, isOurs } from '../events.ts'
import type { Facts } from '../facts.ts'
import type { TracedPacket } from '../packets.ts'
import { exitOf } from '../travels.ts'

/** How a packet comes into a namespace: from a program, from the cable that it was followed through, or from where nobody looked. */
export function entered(packet: TracedPacket, before: TracedPacket | undefined, facts: Facts): Hop[] {
  const { netns, headers, events } = packet
  const flow = headers && { flow: headers.flow }
  const [first] = events
  if (first === undefined) return []
  if (before === undefined && isOurs(first) && hookOfOurs(first) === 'output' && first.family !== 'bridge') {
    return [{ kind: 'send', netns, basis: 'observed', ...flow }]
  }
  const iif = events.find((event) => event.iif !== undefined)?.iif
  if (iif === undefined) return []
  const link = facts.ref(netns, iif)
  const isPort = bridgeOf(link, facts) !== undefined
  if (before === undefined) return [{ kind: 'arrive', netns, basis: 'observed', link, ...flow }]
  // A bridge says by itself which port a frame comes in by, and that it hands it up.
  const fromBridge = before.netns === netns && exitOf(before, facts)?.way === 'in'
  return isPort || fromBridge ? [] : [{ kind: 'arrive', netns, basis: 'observed', link }]
}

/** From one namespace to the next in which it was seen; nothing between a bridge and the IP stack above it. */
export function left(packet: TracedPacket, next: TracedPacket, facts: Facts): Hop[] {
  const exit = exitOf(packet, facts)
  if (exit?.way !== 'out') return []
  const from = facts.ref(packet.netns, exit.link)
  const leave = leaveHops(from, facts)
  const to = facts.peer(from)
  return to && to.netns === next.netns ? [...leave, cable(from, refOf(to))] : leave
}

/** It leaves by a link; where that is a bridge's port the bridge has said so. */
export function leaveHops(link: LinkRef, facts: Facts): Hop[] {
  return bridgeOf(link, facts) ? [] : [{ kind: 'leave', netns: link.netns, basis: 'observed', link }]
}

/** The cable itself is nothing that the kernel tells of. */
export const cable = (from: LinkRef, to: LinkRef): Hop => ({
  kind: 'veth',
  netns: from.netns,
  basis: 'inferred',
  from,
  to,
})

export const refOf = ({ netns, index, name }: Link): LinkRef => ({ netns, index, name })

/** The bridge that a link is a port of. */
export function bridgeOf({ netns, index }: LinkRef, facts: Facts): Link | undefined {
  const master = facts.link(netns, facts.link(netns, index)?.master)
  return master?.info.kind === 'bridge' ? master : undefined
}
