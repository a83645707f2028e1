import type { HookName, Link } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { isIcmp } from '../icmp.ts'
import { type Ip, type IpRange, isInet6, isLinkLocal, toIp } from '../ip.ts'
import { flowOf, type Packet, sameTuple, type Tracked } from '../packet.ts'
import type { Translation } from '../rules/evaluate.ts'
import type { Span } from '../rules/rule.ts'
import { note, predicted, type Walk } from '../walk.ts'
import { selectAddress } from './selectAddress.ts'

/** Which side of a packet is changed at a hook. */
export const sideAt = (hook: HookName): 'dst' | 'src' => (hook === 'prerouting' || hook === 'output' ? 'dst' : 'src')

type Place = { space: NetnsIndex; hook: HookName; iif?: Link; oif?: Link; nextHop?: Ip }

/** Decides, from a rule, how the connection is translated on this side; a text says what cannot be told. */
export function decide(entry: Tracked, translation: Translation, packet: Packet, place: Place): string | undefined {
  switch (translation.kind) {
    case 'dnat':
    case 'redirect': {
      const address = 'to' in translation ? translation.to.address : one(redirectTo(place, packet))
      if (translation.kind === 'redirect' && address === undefined) return 'an address to redirect to'
      const ports = portsOf(translation)
      const dst = address === undefined ? packet.dst : changed(address, packet.dst, translation)
      const dport = packet.dport === undefined || ports === undefined ? packet.dport : single(ports, packet.dport)
      if (dst === undefined || (ports !== undefined && packet.dport !== undefined && dport === undefined))
        return 'which of several destinations is taken'
      entry.reply = { ...entry.reply, src: dst, sport: dport }
      entry.dnat = dst !== packet.dst || dport !== packet.dport
      return undefined
    }
    case 'snat':
    case 'masquerade': {
      const address = 'to' in translation ? translation.to.address : one(masqueradeAs(place, packet))
      if (address === undefined && translation.kind === 'masquerade') return 'an address to masquerade with'
      const src = address === undefined ? packet.src : changed(address, packet.src, translation)
      if (src === undefined) return 'which of several sources is taken'
      const sport = sourcePort(packet, translation)
      entry.drawn = drawnBy(translation, packet)
      entry.reply = { ...entry.reply, dst: src, dport: sport }
      entry.snat = src !== packet.src || sport !== packet.sport || isRandom(translation)
      return undefined
    }
  }
}

/** Undefined where the kernel draws one. */
function sourcePort(packet: Packet, translation: Translation): number | undefined {
  const ports = portsOf(translation)
  if (isIcmp(packet)) return packet.sport
  if (isRandom(translation)) return undefined
  return ports === undefined ? packet.sport : ports[0] === ports[1] ? ports[0] : undefined
}

function drawnBy(translation: Translation, packet: Packet): Span | undefined {
  if (isRandom(translation)) return portsOf(translation) ?? ALL_PORTS
  return portsOf(translation) ?? packet.drawn
}

const ALL_PORTS: Span = [1, 65_535]
const isRandom = (t: Translation): boolean => ('to' in t ? t.to.random : t.random) === true
const portsOf = (t: Translation): Span | undefined => ('to' in t ? t.to.ports : t.ports)
const one = (n: Ip | undefined): IpRange | undefined => (n === undefined ? undefined : [n, n])

/** With NETMAP only the bits of the prefix change. */
function changed(span: IpRange, now: Ip, translation: Translation): Ip | undefined {
  if (!('to' in translation) || !translation.to.netmap) return single(span, now)
  const [from, to] = span
  if (isInet6(now) || isInet6(from) || isInet6(to)) return undefined
  return ((now & (from ^ to)) | from) >>> 0
}

/** Of a run of several the kernel keeps what is in it already. */
function single<T extends Ip>([from, to]: readonly [T, T], now: T): T | undefined {
  if (from === to) return from
  return now >= from && now <= to ? now : undefined
}

function redirectTo({ space, hook, iif }: Place, { dst }: Packet): Ip | undefined {
  if (hook === 'output') return toIp(isInet6(dst) ? '::1' : '127.0.0.1')
  if (!isInet6(dst)) return space.tables('inet').addresses.find(({ record }) => record.index === iif?.index)?.n
  const own = space.tables('inet6').addresses.filter(({ record, n }) => record.index === iif?.index && !isLinkLocal(n))
  // Of several the kernel takes the first, and their order is in no record.
  return own.length === 1 ? own[0]?.n : undefined
}

const masqueradeAs = ({ space, oif, nextHop }: Place, { dst }: Packet): Ip | undefined =>
  oif && selectAddress(space, oif, isInet6(dst) ? dst : (nextHop ?? dst))

/** The packet with the addresses that its connection has on this side, and a hop when they changed. */
export function translate(walk: Walk, packet: Packet, place: Place, translation?: Translation): Packet {
  const { ct } = packet
  if (ct?.entry === undefined) return packet
  const side = sideAt(place.hook)
  const changed = ct.direction === 'original' ? forward(packet, ct.entry, side) : backward(packet, ct.entry, side)
  // Where it came through another hook before, it is translated already.
  if (sameTuple(changed, packet) && sameInner(changed, packet)) return packet
  const change = ct.direction === 'reply' ? 'reverse' : (translation?.kind ?? (side === 'dst' ? 'dnat' : 'snat'))
  note(walk, {
    ...predicted(place.space.id),
    kind: 'nat',
    change,
    before: flowOf(packet),
    after: flowOf(changed),
    ...(translation && { ruleId: translation.ruleId }),
    flow: flowOf(changed),
  })
  return changed
}

const sameInner = ({ inner: a }: Packet, { inner: b }: Packet): boolean =>
  a === b || (a !== undefined && b !== undefined && sameTuple(a, b))

function forward(packet: Packet, { reply, dnat, snat, drawn }: Tracked, side: 'dst' | 'src'): Packet {
  if (side === 'dst') return dnat ? { ...packet, dst: reply.src, dport: reply.sport } : packet
  return snat ? withDrawn({ ...packet, src: reply.dst, sport: reply.dport }, drawn) : packet
}

function withDrawn({ drawn: _, ...packet }: Packet, drawn: Span | undefined): Packet {
  return { ...packet, ...(drawn && { drawn }) }
}

/** An answer gets back the addresses that were asked, each on the opposite side. */
function backward(packet: Packet, { orig, dnat, snat, origDrawn }: Tracked, side: 'dst' | 'src'): Packet {
  if (side === 'dst' ? !snat : !dnat) return packet
  if (packet.inner) {
    const inner = side === 'dst' ? { src: orig.src, sport: orig.sport } : { dst: orig.dst, dport: orig.dport }
    const outer = side === 'dst' ? { dst: orig.src } : { src: orig.dst }
    return { ...packet, ...outer, inner: { ...packet.inner, ...inner } }
  }
  return side === 'dst'
    ? withDrawn({ ...packet, dst: orig.src, dport: orig.sport }, origDrawn)
    : { ...packet, src: orig.dst, sport: orig.dport }
}
