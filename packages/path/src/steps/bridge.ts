import type { Fdb, Link } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { familyOf, isInet6 } from '../ip.ts'
import type { Packet } from '../packet.ts'
import { dropped, type End, note, predicted, refOf, spaceOf, unsure, type Walk } from '../walk.ts'
import { lookUp } from './fib.ts'
import { type Aim, resolve } from './neighbour.ts'
import { type HookPlace, passBridgeChains, passHook } from './netfilter.ts'
import { noteRoute } from './noteRoute.ts'
import type { Crossing } from './segment.ts'
import { blocked, callsIptables } from './wire.ts'

export type BridgeCrossing = Extract<Crossing, { kind: 'bridge' }>
/** Where a frame goes on: by the rest of its way, or up into the host's IP stack. */
export type Bridged =
  | { packet: Packet; to: 'port'; aim: Aim; rest: readonly Crossing[] }
  | { packet: Packet; to: 'host'; prerouted: boolean }
  | { end: End }

/** Sends a frame through a bridge: rules of the bridge family, those of iptables where br_netfilter calls them, and the CAM table. */
export function crossBridge(
  walk: Walk,
  packet: Packet,
  crossing: BridgeCrossing,
  aim: Aim,
  rest: readonly Crossing[],
): Bridged {
  const { bridge, inPort } = crossing
  const space = spaceOf(walk, bridge.netns)
  if (bridge.info.kind === 'bridge' && bridge.info.vlanFiltering)
    return { end: unsure(space.id, `VLANs on ${bridge.name}`, bridge.id) }
  const block = blocked(crossing, packet.bytes)
  // Whatever stands in the way of the port it comes in by stops it before any rule.
  if (block && block.blame !== crossing.outPort?.id) return { end: dropped(block) }
  if (inPort === undefined) return outOf(walk, packet, { crossing, aim, rest, space, calls: false })
  const came = { ...packet, physIn: inPort }
  const calls = callsIptables(space, bridge, familyOf(packet.dst))
  const place: HookPlace = { space, hook: 'prerouting', iif: bridge, physIn: inPort }
  const early = passBridgeChains(walk, came, { ...place, iif: inPort }, true)
  if ('end' in early) return early
  if (!calls) {
    const late = passBridgeChains(walk, early.packet, { ...place, iif: inPort }, false)
    if ('end' in late) return late
    return outOf(walk, { ...late.packet, physIn: packet.physIn }, { crossing, aim, rest, space, calls })
  }
  const passed = passHook(walk, early.packet, { ...place, bridged: false })
  if ('end' in passed) return passed
  const late = passBridgeChains(walk, passed.packet, { ...place, iif: inPort }, false)
  if ('end' in late) return late
  if (late.packet.dst === packet.dst) return outOf(walk, late.packet, { crossing, aim, rest, space, calls })
  return turnedAside(walk, late.packet, { bridge, inPort, space })
}

/** The destination was changed while the frame was on the bridge: it stays there if the new one is behind it, else it goes up. */
function turnedAside(
  walk: Walk,
  packet: Packet,
  { bridge, inPort, space }: { bridge: Link; inPort: Link; space: NetnsIndex },
): Bridged {
  const { dst, src, mark, protocol, sport, dport } = packet
  if (isInet6(dst)) return { end: unsure(space.id, `a translation of IPv6 on ${bridge.name}`, bridge.id) }
  const found = lookUp(space, { dst, src, iif: bridge.name, mark, protocol, sport, dport })
  if ('doubt' in found) return { end: unsure(space.id, found.doubt, found.blame) }
  // Without forwarding its IP stack has it, and lets it fall.
  const forwards = space.sysctl?.links[bridge.index]?.forwarding4 !== false
  if (found.result !== 'unicast' || found.out !== bridge || !forwards) {
    note(walk, bridgeHop({ bridge, inPort }, { how: 'local', toHost: true }))
    return { packet, to: 'host', prerouted: true }
  }
  noteRoute(walk, space, packet, found)
  const aim = resolve(walk, space, bridge, found.gateway ?? dst, packet)
  if ('end' in aim) return aim
  const [first, ...rest] = aim.way
  if (first?.kind !== 'bridge') return { end: unsure(space.id, bridge.name, bridge.id) }
  return outOf(walk, packet, { crossing: { ...first, inPort }, aim, rest, space, calls: true })
}

type Leaving = { crossing: BridgeCrossing; aim: Aim; rest: readonly Crossing[]; space: NetnsIndex; calls: boolean }

function outOf(walk: Walk, packet: Packet, { crossing, aim, rest, space, calls }: Leaving): Bridged {
  const { bridge, inPort, outPort } = crossing
  const port = portFor(walk, crossing, aim.mac)
  if ('end' in port) return port
  if (port.how === 'local') {
    note(walk, bridgeHop(crossing, { how: 'local', toHost: true, mac: aim.mac }))
    const up = passBridgeChains(walk, packet, { space, hook: 'input', iif: inPort ?? bridge }, true)
    if ('end' in up) return up
    return { packet: up.packet, to: 'host', prerouted: calls }
  }
  if (outPort === undefined) return { end: unsure(space.id, `a frame for ${aim.mac ?? bridge.name}`, bridge.id) }
  note(walk, bridgeHop(crossing, { how: port.how, toHost: false, mac: aim.mac, fdb: port.fdb, outPorts: [outPort] }))
  if (inPort === outPort && !outPort.port?.hairpin)
    return { end: dropped({ reason: 'HAIRPIN_OFF', netns: space.id, blame: outPort.id, what: outPort.name }) }
  if (inPort === undefined) return fromHost(walk, packet, { crossing, aim, rest, space, calls })
  const block = blocked(crossing, packet.bytes)
  if (block) return { end: dropped(block) }
  return forwarded(walk, packet, { crossing, aim, rest, space, calls })
}

/** What the host itself sends has met its rules in the IP stack. */
function fromHost(walk: Walk, packet: Packet, { crossing, aim, rest, space }: Leaving): Bridged {
  let now = packet
  for (const early of [true, false]) {
    const passed = passBridgeChains(walk, now, { space, hook: 'output', oif: crossing.outPort }, early)
    if ('end' in passed) return passed
    now = passed.packet
  }
  const late = passBridgeChains(walk, now, { space, hook: 'postrouting', oif: crossing.outPort }, false)
  if ('end' in late) return late
  const block = blocked(crossing, packet.bytes)
  return block ? { end: dropped(block) } : { packet: late.packet, to: 'port', aim, rest }
}

function forwarded(walk: Walk, packet: Packet, { crossing, aim, rest, space, calls }: Leaving): Bridged {
  const { bridge, inPort, outPort } = crossing
  const ports = { iif: inPort, oif: outPort }
  let now = packet
  for (const hook of ['forward', 'postrouting'] as const) {
    const early = passBridgeChains(walk, now, { space, hook, ...ports }, true)
    if ('end' in early) return early
    now = early.packet
    if (calls) {
      const links = { ...(hook === 'forward' && { iif: bridge }), oif: bridge, physIn: inPort, physOut: outPort }
      const passed = passHook(walk, now, { space, hook, ...links, bridged: true, nextHop: now.dst })
      if ('end' in passed) return passed
      now = passed.packet
    }
    const late = passBridgeChains(walk, now, { space, hook, ...ports }, false)
    if ('end' in late) return late
    now = late.packet
  }
  return { packet: now, to: 'port', aim, rest }
}

type Chosen = { how: 'known' | 'flooded' | 'local'; fdb?: Fdb } | { end: End }

/** What the CAM table says of a MAC address. Same as "bridge fdb show br BRIDGE". */
function portFor(walk: Walk, { bridge, outPort }: BridgeCrossing, mac: string | undefined): Chosen {
  const { host } = walk
  const entries =
    mac === undefined ? [] : (host.fdb(bridge).get(mac) ?? []).filter(({ vlan }) => vlan === undefined || vlan === 0)
  const own = mac !== undefined && (mac === bridge.address || entries.some(({ state }) => state === 'permanent'))
  if (own) return { how: 'local' }
  const [entry, ...more] = entries
  if (!entry) {
    if (outPort?.port && !outPort.port.flood)
      return {
        end: dropped({ reason: 'PORT_NOT_FORWARDING', netns: bridge.netns, blame: outPort.id, what: outPort.name }),
      }
    return { how: 'flooded' }
  }
  if (entry.index === outPort?.index && more.length === 0) return { how: 'known', fdb: entry }
  // What was learned is learned anew with the next frame from there.
  if (entry.state === 'learned' || more.length > 0)
    return { end: unsure(bridge.netns, `the CAM table has ${mac} behind another port`, entry.id) }
  return { end: dropped({ reason: 'WRONG_MAC', netns: bridge.netns, blame: entry.id, what: mac ?? '' }) }
}

type Told = { how: 'known' | 'flooded' | 'local'; toHost: boolean; mac?: string; fdb?: Fdb; outPorts?: readonly Link[] }

const bridgeHop = (
  { bridge, inPort }: Pick<BridgeCrossing, 'bridge' | 'inPort'>,
  { how, toHost, mac, fdb, outPorts = [] }: Told,
) => ({
  ...predicted(bridge.netns),
  kind: 'bridge' as const,
  bridge: refOf(bridge),
  ...(inPort && { inPort: refOf(inPort) }),
  outPorts: outPorts.map(refOf),
  toHost,
  how,
  ...(mac !== undefined && { mac }),
  ...(fdb && { fdbId: fdb.id }),
})
