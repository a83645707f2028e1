import type { Link } from '@hopscope/model'
import type { HostIndex, NetnsIndex } from '../host/hostIndex.ts'
import { neighbourKey } from '../host/tables.ts'
import { ADVERTISEMENT, SOLICITATION } from '../icmp.ts'
import { type Ip, ipText, isInet6, isLinkLocal } from '../ip.ts'
import type { Packet } from '../packet.ts'
import { type End, spaceOf, unsure, type Walk } from '../walk.ts'
import { type HookPlace, passDevice, passHook } from './netfilter.ts'
import { type Crossing, type Segment, segmentFrom } from './segment.ts'
import { isUnready } from './selectAddress.ts'
import { callsIptables } from './wire.ts'

/** IPv6 asks for MAC addresses by ICMPv6, which meets the rules of everybody on the way. */
export const DISCOVERY_BYTES = 72

/** Who asks at a link: the sender where the address is the link's, else the link by the address that means nothing elsewhere. */
export function askerAt(space: NetnsIndex, out: Link, src: Ip): bigint | undefined {
  const own = space.tables('inet6').addresses.filter((one) => one.record.index === out.index && !isUnready(one))
  const asker = own.find(({ n }) => n === src) ?? own.find(({ n }) => isLinkLocal(n))
  return asker && isInet6(asker.n) ? asker.n : undefined
}

/** That the owner of an address has not made sure yet that it is alone, or that others answer in its place. */
export function unclearOwner(
  host: HostIndex,
  address: bigint,
  { segment, owners }: { segment: Segment; owners: readonly Question['owner'][] },
): End | undefined {
  const text = ipText(address)
  const tablesAt = ({ netns }: Link) => host.netns(netns)?.tables('inet6')
  for (const [link] of owners) {
    const own = tablesAt(link)?.addresses.find(({ record, n }) => record.index === link.index && n === address)
    if (own && isUnready(own)) return unsure(link.netns, text, own.record.id)
  }
  for (const [link] of segment.stations) {
    const proxy = tablesAt(link)?.proxies.get(neighbourKey(link.index, text))
    if (proxy) return unsure(link.netns, `${text} proxy`, proxy.id)
  }
  return undefined
}

type Asked = { space: NetnsIndex; out: Link; address: bigint; packet: Packet }

/** Why nobody is asked at a link, or no answer taken in there; undefined where both are. */
export function unasked(walk: Walk, { space, out, address, packet }: Asked): End | undefined {
  const asker = askerAt(space, out, packet.src)
  if (asker === undefined) return unsure(space.id, `an address of ${out.name}`, out.id)
  return (
    passAll(walk, leaving(walk, out), solicitation(asker, address), out.netns) ??
    heard(walk, { link: out, way: [], packet: advertisement(address, asker) })
  )
}

/** Why an entry that is there could not be asked for anew: it may be gone when the packet is sent. */
export function fading(walk: Walk, asked: Asked, owners: readonly Question['owner'][]): End | undefined {
  const { space, out, address, packet } = asked
  const end = unasked(walk, asked)
  const asker = askerAt(space, out, packet.src)
  if (end || asker === undefined) return end
  return owners.map((owner) => unanswered(walk, { out, owner, asker, address })).find((one) => one !== undefined)
}

type Question = { out: Link; owner: readonly [link: Link, way: readonly Crossing[]]; asker: bigint; address: bigint }

/** Why the question is not heard by whom it is for, or the answer not by who asks; undefined where both are. */
export function unanswered(walk: Walk, { out, owner: [link, way], asker, address }: Question): End | undefined {
  const back = segmentFrom(walk.host, link).stations.get(out) ?? []
  return (
    heard(walk, { link, way, packet: solicitation(asker, address) }) ??
    passAll(walk, leaving(walk, link), advertisement(address, asker), link.netns) ??
    heard(walk, { link: out, way: back, packet: advertisement(address, asker) })
  )
}

/** The same of a question that comes from outside, for the address itself or for the router that takes it in. */
export function undiscovered(walk: Walk, { router, dst }: { router: Link; dst: Ip }): End | undefined {
  const own = spaceOf(walk, router.netns)
    .tables('inet6')
    .addresses.filter(({ record }) => record.index === router.index)
  const asked = own.find(({ n }) => n === dst) ?? own[0]
  if (!asked || !isInet6(asked.n)) return unsure(router.netns, `an address of ${router.name}`, router.id)
  if (isUnready(asked)) return unsure(router.netns, ipText(asked.n), asked.record.id)
  const [asker, address] = [NEIGHBOUR_OUTSIDE, asked.n]
  return (
    heard(walk, { link: router, way: [], packet: solicitation(asker, address) }) ??
    passAll(walk, leaving(walk, router), advertisement(address, asker), router.netns)
  )
}

const NEIGHBOUR_OUTSIDE = (0xfe80n << 112n) | 1n
const SOLICITED_NODE = (0xff02n << 112n) | 0x1ff000000n

const solicitation = (src: bigint, address: bigint): Packet =>
  discovery(SOLICITATION, src, SOLICITED_NODE | (address & 0xffffffn))
const advertisement = (src: bigint, dst: bigint): Packet => discovery(ADVERTISEMENT, src, dst)
const discovery = (icmpType: number, src: bigint, dst: bigint): Packet => ({
  ...{ protocol: 'icmpv6', src, dst, icmpType, icmpCode: 0, tcpFlags: [] },
  ...{ mark: 0, ttl: 255, bytes: DISCOVERY_BYTES, whole: true, local: true },
})

type Place = HookPlace & { device?: Link }

function leaving(walk: Walk, out: Link): Place[] {
  const space = spaceOf(walk, out.netns)
  return [
    { space, hook: 'output', oif: out },
    { space, hook: 'postrouting', oif: out },
    { space, hook: 'egress', oif: out, device: out },
  ]
}

type Heard = { link: Link; way: readonly Crossing[]; packet: Packet }

function heard(walk: Walk, { link, way, packet }: Heard): End | undefined {
  const far = { ...packet, local: false }
  for (const crossing of way) {
    const end =
      crossing.kind === 'bridge' ? passAll(walk, onBridge(walk, crossing), far, crossing.bridge.netns) : undefined
    if (end) return end
  }
  const space = spaceOf(walk, link.netns)
  const last = way.at(-1)
  const port = last?.kind === 'bridge' && last.bridge === link ? last.inPort : undefined
  const places: Place[] = [
    { space, hook: 'ingress', iif: link, device: link },
    { space, hook: 'prerouting', iif: link, ...(port && { physIn: port }) },
    { space, hook: 'input', iif: link, ...(port && { physIn: port }) },
  ]
  return passAll(walk, places, far, link.netns)
}

function onBridge(walk: Walk, { bridge, inPort, outPort }: Extract<Crossing, { kind: 'bridge' }>): Place[] {
  const space = spaceOf(walk, bridge.netns)
  if (!inPort || !callsIptables(space, bridge, 'inet6')) return []
  const before: Place = { space, hook: 'prerouting', iif: bridge, physIn: inPort }
  if (!outPort) return [before]
  const links = { oif: bridge, physIn: inPort, physOut: outPort, bridged: true }
  return [before, { space, hook: 'forward', iif: bridge, ...links }, { space, hook: 'postrouting', ...links }]
}

/** Nothing of it is told: it is not the packet that was asked about. What stops it leaves the answer open, for an entry may come otherwise. */
function passAll(walk: Walk, places: readonly Place[], packet: Packet, netns: string): End | undefined {
  const aside: Walk = { ...walk, hops: [], tracked: [], passed: new Set() }
  let now = packet
  for (const { device, ...place } of places) {
    const passed = device
      ? passDevice(aside, now, { ...place, hook: place.hook === 'ingress' ? 'ingress' : 'egress', link: device })
      : passHook(aside, now, place)
    if ('end' in passed) {
      const { what = '', blame } = passed.end.outcome
      return unsure(netns, `whether neighbours are found (${what})`, blame)
    }
    now = passed.packet
  }
  return undefined
}
