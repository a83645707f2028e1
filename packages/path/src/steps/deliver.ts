import type { Link, Socket } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { icmpError, isIcmp } from '../icmp.ts'
import { endText, ipText, isInet6 } from '../ip.ts'
import { type Packet, sameTuple, tupleOf } from '../packet.ts'
import { dropped, type End, note, notSeen, predicted, refused, unsure, type Walk } from '../walk.ts'

/** Hands a packet to whoever waits for it in its namespace. Same as "ss -lntup". */
export function deliver(walk: Walk, space: NetnsIndex, packet: Packet, link: Link): End {
  if (walk.awaited) return deliverAnswer(walk, space, packet)
  const delivered: End = {
    outcome: { verdict: 'delivered', netns: space.id },
    answer: { netns: space.id, kind: 'reply', about: packet },
  }
  if (isIcmp(packet)) {
    note(walk, { ...predicted(space.id), kind: 'deliver', byKernel: true })
    return delivered
  }
  const source = walk.host.source('sockets')
  if (source?.state === 'unavailable') return notSeen(space.id, 'sockets', source.id)
  const found = listener(space, packet, link)
  if (!found) return notListening(space, packet)
  if ('several' in found) return unsure(space.id, found.several)
  const { process } = found
  note(walk, { ...predicted(space.id), kind: 'deliver', socketId: found.id, ...(process && { process }) })
  const anySource = packet.protocol === 'udp' && (found.address === '0.0.0.0' || found.address === '::')
  if (process?.comm !== 'docker-proxy')
    return { ...delivered, answer: { netns: space.id, kind: 'reply', about: packet, anySource } }
  const proxy = { pid: process.pid, socketId: found.id, dport: found.port }
  return { ...delivered, answer: { netns: space.id, kind: 'reply', about: packet, proxy } }
}

function notListening(space: NetnsIndex, packet: Packet): End {
  const what = `${packet.protocol} ${endText(packet.dst, packet.dport)}`
  const outcome = { reason: 'NOT_LISTENING' as const, netns: space.id, what }
  // Who delivers has let go of the connection: the answer finds it anew, and before conntrack it has none.
  const { ct: _, ...about } = packet
  const answer = { netns: space.id, about }
  if (packet.protocol === 'tcp') return refused(outcome, { ...answer, kind: 'reset' })
  return refused(outcome, { ...answer, kind: 'error', icmp: icmpError('port', packet.dst) })
}

/** The socket that fits best: one bound to the link before others, one bound to the address before one for all. */
function listener(space: NetnsIndex, packet: Packet, link: Link): Socket | { several: string } | undefined {
  const address = ipText(packet.dst)
  let best: Socket | undefined
  let most = 0
  for (const socket of space.sockets) {
    if (socket.protocol !== packet.protocol || socket.port !== packet.dport) continue
    if (socket.device !== undefined && socket.device !== link.name) continue
    const fit = isInet6(packet.dst) ? fitOf6(socket, address) : fitOf(socket, address)
    const score = fit === 0 ? 0 : fit + (socket.device === undefined ? 0 : 4)
    if (score > most) {
      best = socket
      most = score
    }
  }
  return best
}

function fitOf({ address, family, v6Only }: Socket, wanted: string): number {
  if (family === 'inet') return address === wanted ? 3 : address === '0.0.0.0' ? 2 : 0
  if (v6Only) return 0
  return address === `::ffff:${wanted}` ? 3 : address === '::' ? 1 : 0
}

function fitOf6({ address, family }: Socket, wanted: string): number {
  if (family === 'inet') return 0
  return address === wanted ? 3 : address === '::' ? 2 : 0
}

/** An answer counts only where it is awaited, and from whom was asked. */
function deliverAnswer(walk: Walk, space: NetnsIndex, packet: Packet): End {
  const { awaited } = walk
  if (awaited?.netns !== space.id)
    return dropped({ reason: 'NOT_LISTENING', netns: space.id, what: `${packet.protocol} ${ipText(packet.dst)}` })
  const tuple = packet.inner
    ? {
        ...packet.inner,
        src: packet.inner.dst,
        dst: packet.inner.src,
        sport: packet.inner.dport,
        dport: packet.inner.sport,
      }
    : tupleOf(packet)
  if (!sameTuple(tuple, awaited.tuple)) {
    const outcome = { reason: 'WRONG_SOURCE' as const, netns: space.id, what: ipText(tuple.src) }
    // A ping takes an answer from anybody.
    if (isIcmp(packet)) return { outcome: { verdict: 'undetermined', ...outcome } }
    return dropped(outcome)
  }
  note(walk, { ...predicted(space.id), kind: 'deliver' })
  return { outcome: { verdict: 'delivered', netns: space.id } }
}
