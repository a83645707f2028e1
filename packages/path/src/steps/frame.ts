import type { Link } from '@hopscope/model'
import type { Packet } from '../packet.ts'
import { dropped, type End, note, predicted, refOf, unsure, type Walk } from '../walk.ts'
import { crossBridge } from './bridge.ts'
import type { Aim } from './neighbour.ts'
import type { Crossing } from './segment.ts'
import { blocked, strangeQueue } from './wire.ts'

/** Goes up into the IP stack behind a link. */
export type Receive = (walk: Walk, link: Link, packet: Packet, how: { prerouted: boolean }) => End

/** Follows a frame over its crossings, to whom it is meant for or out of sight. */
export function follow(walk: Walk, packet: Packet, aim: Aim, receive: Receive): End {
  return along(walk, packet, { aim, way: aim.way }, receive)
}

type Underway = { aim: Aim; way: readonly Crossing[] }

function along(walk: Walk, packet: Packet, { aim, way }: Underway, receive: Receive): End {
  const [crossing, ...rest] = way
  if (crossing === undefined) return arrived(walk, packet, aim, receive)
  if (crossing.kind === 'bridge') {
    const next = crossBridge(walk, packet, crossing, aim, rest)
    if ('end' in next) return next.end
    if (next.to === 'host') return receive(walk, crossing.bridge, next.packet, { prerouted: next.prerouted })
    return along(walk, next.packet, { aim: next.aim, way: next.rest }, receive)
  }
  const block = blocked(crossing, packet.bytes)
  if (block) return dropped(block)
  const queue = strangeQueue(crossing.from)
  if (queue !== undefined) return unsure(crossing.from.netns, queue, crossing.from.id)
  const { kind, from, to } = crossing
  note(walk, { ...predicted(from.netns), kind, from: refOf(from), to: refOf(to) })
  return along(walk, crossed(packet, from, to), { aim, way: rest }, receive)
}

/** A cable takes away what connection tracking left on the packet; another namespace also its mark. */
export function crossed(packet: Packet, from: Link, to: Link): Packet {
  const { ct: _ct, physIn: _port, uid: _uid, ...bare } = packet
  const here = from.netns === to.netns
  return { ...bare, mark: here ? packet.mark : 0, local: here && packet.local }
}

function arrived(walk: Walk, packet: Packet, aim: Aim, receive: Receive): End {
  const { link } = aim
  if (aim.kind === 'open') {
    note(walk, { ...predicted(link.netns), kind: 'outside', link: refOf(link) })
    return { outcome: { verdict: 'left', netns: link.netns } }
  }
  note(walk, { ...predicted(link.netns), kind: 'arrive', link: refOf(link) })
  return receive(walk, link, packet, { prerouted: false })
}
