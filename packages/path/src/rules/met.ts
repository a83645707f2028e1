import type { Flow, HookName, Met } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { toNumber } from '../ipv4.ts'
import { toNumber6 } from '../ipv6.ts'
import { type Ct, type CtState, type Packet, type Tracked, tupleOf } from '../packet.ts'
import type { Scene } from './facts.ts'
import type { Field } from './rule.ts'

/** What a hop keeps of a scene, beside the headers: enough to ask each rule again. */
export function metIn({ packet, iif, oif, physIn, physOut, bridged }: Scene): Met {
  const { local, uid, mark, ttl, bytes, tcpFlags, ct } = packet
  const unknown: Field[] = []
  if (local && uid === undefined) unknown.push('uid')
  if (packet.drawn) unknown.push(...(['sport', 'dport'] as const).filter((port) => packet[port] === undefined))
  if (packet.far) unknown.push('ttl')
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
  const [src, dst] = [toNumber6(flow.src), toNumber6(flow.dst)]
  const inet6 = src === undefined || dst === undefined ? undefined : { src, dst }
  const unknown = [...(met.unknown ?? []), ...(inet6 ? unknownOf6(flow) : [])]
  return {
    space,
    hook,
    packet: packetOf(met, flow, space.id),
    ...(iif !== undefined && { iif: { name: iif } }),
    ...(oif !== undefined && { oif: { name: oif } }),
    ...(physIn !== undefined && { physIn: { name: physIn } }),
    ...(physOut !== undefined && { physOut: { name: physOut } }),
    ...(bridged && { bridged }),
    ...(inet6 && { inet6 }),
    ...(unknown.length > 0 && { unknown: new Set(unknown) }),
  }
}

/** The table of local addresses is read for IPv4 only; what stands behind headers in between is not told. */
const unknownOf6 = ({ protocol }: Flow): readonly Field[] =>
  EXTENSIONS.has(protocol) ? ['srcType', 'dstType', ...BEHIND_EXTENSIONS] : ['srcType', 'dstType']

/** Hop-by-hop options, routing, fragment, authentication, destination options, mobility. */
const EXTENSIONS: ReadonlySet<string> = new Set(['0', '43', '44', '51', '60', '135'])
const BEHIND_EXTENSIONS: readonly Field[] = ['protocol', 'sport', 'dport', 'icmp6Type', 'tcpFlags']

function packetOf(met: Met, flow: Flow, netns: string): Packet {
  const { local = false, uid, mark = 0, ttl, bytes, tcpFlags = [] } = met
  const { protocol, sport, dport, icmpType, icmpCode } = flow
  const packet: Packet = {
    protocol,
    src: toNumber(flow.src) ?? 0,
    dst: toNumber(flow.dst) ?? 0,
    ...(sport !== undefined && { sport }),
    ...(dport !== undefined && { dport }),
    ...(icmpType !== undefined && { icmpType }),
    ...(icmpCode !== undefined && { icmpCode }),
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
