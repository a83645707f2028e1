import type { Flow, HookName, Met } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { isInet6, toIp } from '../ip.ts'
import { type Ct, type CtState, type Packet, type Tracked, tupleOf } from '../packet.ts'
import { LOCAL_TABLE, type Scene } from './facts.ts'
import type { Field } from './rule.ts'

/** What a hop keeps of a scene, beside the headers: enough to ask each rule again. */
export function metIn({ packet, iif, oif, physIn, physOut, bridged }: Scene): Met {
  const { local, uid, mark, ttl, bytes, tcpFlags, ct } = packet
  const unknown: Field[] = []
  if (local && uid === undefined) unknown.push('uid')
  if (packet.drawn) unknown.push(...(['sport', 'dport'] as const).filter((port) => packet[port] === undefined))
  if (packet.far) unknown.push(isInet6(packet.dst) ? 'hopLimit' : 'ttl')
  if (!packet.whole) unknown.push('length')
  return {
    ...(iif && { iif: iif.name }),
    ...(oif && { oif: oif.name }),
    ...(physIn && { physIn: physIn.name }),
    ...(physOut && { physOut: physOut.name }),
    ...(bridged && { bridged }),
    ...(local && { local }),
    ...(uid !== undefined && { uid }),
    ...(mark !== 0 && { mark }),
    ttl,
    bytes,
    ...(tcpFlags.length > 0 && { tcpFlags: [...tcpFlags] }),
    ...(ct && { ct: metCt(ct) }),
    ...(unknown.length > 0 && { unknown }),
  }
}

function metCt({ state, direction, entry }: Ct): NonNullable<Met['ct']> {
  return {
    state,
    reply: direction === 'reply',
    status: [
      ...(entry?.dnat ? ['dnat' as const] : []),
      ...(entry?.snat ? ['snat' as const] : []),
      ...(entry?.seenReply ? ['reply' as const] : []),
    ],
    ...(entry && { mark: entry.mark }),
  }
}

type Asked = { met: Met; flow: Flow; hook: HookName; space: NetnsIndex }

/** The scene that a hop tells of, for the rules of the snapshot. */
export function sceneOfMet({ met, flow, hook, space }: Asked): Scene {
  const { iif, oif, physIn, physOut, bridged } = met
  const packet = packetOf(met, flow, space.id)
  const unknown = [...(met.unknown ?? []), ...(isInet6(packet.dst) ? unknownOf6(space, flow) : [])]
  return {
    space,
    hook,
    packet,
    ...(iif !== undefined && { iif: { name: iif } }),
    ...(oif !== undefined && { oif: { name: oif } }),
    ...(physIn !== undefined && { physIn: { name: physIn } }),
    ...(physOut !== undefined && { physOut: { name: physOut } }),
    ...(bridged && { bridged }),
    ...(unknown.length > 0 && { unknown: new Set(unknown) }),
  }
}

/** What stands behind headers in between is not told, and older recordings have no table of local addresses of IPv6. */
const unknownOf6 = (space: NetnsIndex, { protocol }: Flow): readonly Field[] => [
  ...(space.tables('inet6').routes.has(LOCAL_TABLE) ? [] : (['srcType', 'dstType'] as const)),
  // Recordings have no other.
  ...(space.tables('inet6').routes.size > 1 ? [] : (['wayBack', 'markedWayBack'] as const)),
  ...(EXTENSIONS.has(protocol) ? BEHIND_EXTENSIONS : []),
]

/** Hop-by-hop options, routing, fragment, authentication, destination options, mobility. */
const EXTENSIONS: ReadonlySet<string> = new Set(['0', '43', '44', '51', '60', '135'])
const BEHIND_EXTENSIONS: readonly Field[] = ['protocol', 'sport', 'dport', 'icmp6Type', 'tcpFlags']

function packetOf(met: Met, flow: Flow, netns: string): Packet {
  const { local = false, uid, mark = 0, ttl, bytes, tcpFlags = [] } = met
  const { protocol, sport, dport, icmpType, icmpCode, arpOperation } = flow
  const packet: Packet = {
    protocol,
    src: toIp(flow.src) ?? 0,
    dst: toIp(flow.dst) ?? 0,
    ...(sport !== undefined && { sport }),
    ...(dport !== undefined && { dport }),
    ...(icmpType !== undefined && { icmpType }),
    ...(icmpCode !== undefined && { icmpCode }),
    ...(arpOperation !== undefined && { arpOperation: arpOperation === 2 ? 2 : 1 }),
    ...(uid !== undefined && { uid }),
    ...{ local, mark, ttl, bytes, tcpFlags, whole: true },
  }
  const state = CT_STATES.find((one) => one === met.ct?.state)
  if (!met.ct || state === undefined) return packet
  const entry = state === 'INVALID' || state === 'UNTRACKED' ? undefined : trackedBy(met.ct, packet, netns)
  return { ...packet, ct: { state, direction: met.ct.reply ? 'reply' : 'original', ...(entry && { entry }) } }
}

const CT_STATES: readonly CtState[] = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED']

function trackedBy({ status, mark = 0 }: NonNullable<Met['ct']>, packet: Packet, netns: string): Tracked {
  const tuple = tupleOf(packet)
  return {
    ...{ netns, orig: tuple, reply: tuple, dstDone: true, srcDone: true, mark },
    dnat: status.includes('dnat'),
    snat: status.includes('snat'),
    seenReply: status.includes('reply'),
  }
}
