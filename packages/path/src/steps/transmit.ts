import type { Link } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import type { Packet } from '../packet.ts'
import { dropped, type End, note, predicted, refOf, unsure, type Walk } from '../walk.ts'
import type { FibResult } from './fib.ts'
import { follow, type Receive } from './frame.ts'
import { resolve } from './neighbour.ts'
import { passDevice, passHook } from './netfilter.ts'
import { isUp, strangeQueue } from './wire.ts'

/** By which route a packet goes, and the link that it came in by when it is passed on. */
export type Way = FibResult & { iif?: Link }

/** Sends a packet out by its route: POSTROUTING, the neighbour's MAC address, and the wire. */
export function transmit(walk: Walk, space: NetnsIndex, packet: Packet, found: Way, receive: Receive): End {
  if (found.result === 'local') return loopBack(walk, space, packet, receive)
  const { out, iif } = found
  if (!out) return unsure(space.id, 'a route without a link')
  const nextHop = found.gateway ?? packet.dst
  const passed = passHook(walk, packet, { space, hook: 'postrouting', ...(iif && { iif }), oif: out, nextHop })
  if ('end' in passed) return passed.end
  const queue = strangeQueue(out)
  if (queue !== undefined) return unsure(space.id, queue, out.id)
  if (!hasNeighbours(out)) return pointToPoint(walk, space, out)
  const aim = resolve(walk, space, out, nextHop, passed.packet)
  if ('end' in aim) return aim.end
  const left = passDevice(walk, passed.packet, { space, hook: 'egress', link: out, oif: out })
  if ('end' in left) return left.end
  note(walk, { ...predicted(space.id), kind: 'leave', link: refOf(out) })
  return follow(walk, left.packet, aim, receive)
}

/** Whether it asks for MAC addresses, and answers. */
export const hasNeighbours = ({ flags, type }: Link): boolean => type === 'ether' && !flags.includes('NOARP')

/** A tunnel or the like: what is behind it is not followed. */
function pointToPoint(walk: Walk, space: NetnsIndex, out: Link): End {
  const { kind } = out.info
  if (kind !== 'tun' && kind !== 'wireguard') return unsure(space.id, `${kind} ${out.name}`, out.id)
  if (!isUp(out)) return dropped({ reason: 'LINK_DOWN', netns: space.id, blame: out.id, what: out.name })
  note(walk, { ...predicted(space.id), kind: 'leave', link: refOf(out) })
  note(walk, { ...predicted(space.id), kind: 'outside', link: refOf(out) })
  return { outcome: { verdict: 'left', netns: space.id } }
}

function loopBack(walk: Walk, space: NetnsIndex, packet: Packet, receive: Receive): End {
  const lo = [...space.links.values()].find(({ flags }) => flags.includes('LOOPBACK'))
  if (!lo) return unsure(space.id, 'a namespace without loopback')
  const passed = passHook(walk, packet, { space, hook: 'postrouting', oif: lo, nextHop: packet.dst })
  if ('end' in passed) return passed.end
  if (!isUp(lo)) return dropped({ reason: 'LINK_DOWN', netns: space.id, blame: lo.id, what: lo.name })
  note(walk, { ...predicted(space.id), kind: 'leave', link: refOf(lo) })
  note(walk, { ...predicted(space.id), kind: 'arrive', link: refOf(lo) })
  return receive(walk, lo, passed.packet, { prerouted: false })
}
