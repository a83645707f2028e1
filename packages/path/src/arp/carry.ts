import type { Link, LinkRef } from '@hopscope/model'
import type { Packet } from '../packet.ts'
import { crossed } from '../steps/frame.ts'
import { type HookPlace, type Passed, passBridgeChains, unreadFirewall } from '../steps/netfilter.ts'
import type { Crossing } from '../steps/segment.ts'
import { blocked, strangeQueue } from '../steps/wire.ts'
import { dropped, note, predicted, refOf, spaceOf, unsure, type Walk } from '../walk.ts'

type BridgeCrossing = Extract<Crossing, { kind: 'bridge' }>

/** Length of an ARP packet. */
export const ARP_BYTES = 28
export const FOR_ALL = 'ff:ff:ff:ff:ff:ff'

/** Takes a frame of ARP along a way: a question, which is for all, or an answer to this MAC address. */
export function carry(walk: Walk, packet: Packet, way: readonly Crossing[], mac = FOR_ALL): Passed {
  let now = packet
  for (const crossing of way) {
    const passed = crossing.kind === 'bridge' ? overBridge(walk, now, crossing, mac) : overCable(walk, now, crossing)
    if ('end' in passed) return passed
    now = passed.packet
  }
  return { packet: now }
}

/** Takes a question as far as everybody hears it: to the first bridge of a way, which hands it to all. */
export function carryToAll(walk: Walk, packet: Packet, way: readonly Crossing[]): Passed {
  const at = way.findIndex(({ kind }) => kind === 'bridge')
  const bridge = way[at]
  if (bridge?.kind !== 'bridge') return carry(walk, packet, way)
  const there = carry(walk, packet, way.slice(0, at))
  return 'end' in there ? there : takenIn(walk, there.packet, bridge, FOR_ALL)
}

function overCable(walk: Walk, packet: Packet, crossing: Exclude<Crossing, BridgeCrossing>): Passed {
  const { kind, from, to } = crossing
  const block = blocked(crossing, packet.bytes)
  if (block) return { end: dropped(block) }
  const queue = strangeQueue(from)
  if (queue !== undefined) return { end: unsure(from.netns, queue, from.id) }
  note(walk, { ...predicted(from.netns), kind, from: refOf(from), to: refOf(to) })
  return { packet: crossed(packet, from, to) }
}

function overBridge(walk: Walk, packet: Packet, crossing: BridgeCrossing, mac: string): Passed {
  const came = takenIn(walk, packet, crossing, mac)
  if ('end' in came) return came
  const { bridge, inPort, outPort } = crossing
  const space = spaceOf(walk, bridge.netns)
  if (outPort === undefined) return passChains(walk, came.packet, [{ space, hook: 'input', iif: inPort ?? bridge }])
  const block = blocked(crossing, packet.bytes)
  if (block) return { end: dropped(block) }
  const before: HookPlace =
    inPort === undefined
      ? { space, hook: 'output', oif: outPort }
      : { space, hook: 'forward', iif: inPort, oif: outPort }
  const given = passChains(walk, came.packet, [before, { space, hook: 'postrouting', oif: outPort }])
  if ('end' in given) return given
  const { physIn: _port, ...bare } = given.packet
  return { packet: bare }
}

/** A bridge takes in a frame and decides which ports have it. iptables is never asked about ARP, whatever br_netfilter does. */
function takenIn(walk: Walk, packet: Packet, crossing: BridgeCrossing, mac: string): Passed {
  const { bridge, inPort } = crossing
  const space = spaceOf(walk, bridge.netns)
  const unread = unreadFirewall(walk, space)
  if (unread) return { end: unread }
  if (bridge.info.kind === 'bridge' && bridge.info.vlanFiltering)
    return { end: unsure(space.id, `VLANs on ${bridge.name}`, bridge.id) }
  const block = blocked({ kind: 'bridge', bridge, ...(inPort && { inPort }) }, packet.bytes)
  if (block) return { end: dropped(block) }
  let now = packet
  if (inPort) {
    const passed = passChains(walk, { ...packet, physIn: inPort }, [{ space, hook: 'prerouting', iif: inPort }])
    if ('end' in passed) return passed
    now = passed.packet
  }
  const told = {
    ...predicted(space.id),
    kind: 'bridge' as const,
    bridge: refOf(bridge),
    ...(inPort && { inPort: refOf(inPort) }),
    mac,
  }
  if (mac === FOR_ALL) {
    const outPorts = portsFor(walk, crossing)
    note(walk, { ...told, outPorts, toHost: inPort !== undefined, how: 'flooded' })
    return { packet: now }
  }
  const wrong = misled(walk, crossing, mac)
  if (wrong) return { end: wrong }
  const { outPort } = crossing
  const how = outPort === undefined ? ('local' as const) : ('known' as const)
  note(walk, { ...told, outPorts: outPort ? [refOf(outPort)] : [], toHost: outPort === undefined, how })
  return { packet: now }
}

/** The ports that a bridge hands a frame for all to, by their index. */
function portsFor({ host }: Walk, { bridge, inPort }: BridgeCrossing): LinkRef[] {
  const takes = (port: Link): boolean => {
    if (port === inPort && !port.port?.hairpin) return false
    return port.port?.state === 'forwarding' && !(inPort?.port?.isolated && port.port.isolated)
  }
  const ports = host.ports(bridge).filter(takes)
  return ports.sort((a, b) => a.index - b.index).map(refOf)
}

/** The question has just been learned from, unless somebody wrote another port into the CAM table or the port learns nothing. */
function misled({ host }: Walk, { bridge, outPort }: BridgeCrossing, mac: string) {
  const entries = (host.fdb(bridge).get(mac) ?? []).filter(({ vlan }) => vlan === undefined || vlan === 0)
  const written = entries.find(({ state }) => state !== 'learned')
  const own = mac === bridge.address || written?.state === 'permanent'
  if (own !== (outPort === undefined)) {
    if (written?.state === 'static' && written.index === outPort?.index) return undefined
    return unsure(bridge.netns, `whose ${mac} is`, written?.id ?? bridge.id)
  }
  if (outPort === undefined) return undefined
  if (written && written.index !== outPort.index)
    return dropped({ reason: 'WRONG_MAC', netns: bridge.netns, blame: written.id, what: mac })
  const learns = outPort.port?.learning !== false || entries.some(({ index }) => index === outPort.index)
  return learns ? undefined : unsure(bridge.netns, `the bridge port ${outPort.name}, which learns nothing`, outPort.id)
}

/** Chains of the bridge family at some hooks, one after the other. */
function passChains(walk: Walk, packet: Packet, places: readonly HookPlace[]): Passed {
  let now = packet
  for (const place of places) {
    for (const early of [true, false]) {
      const passed = passBridgeChains(walk, now, place, early)
      if ('end' in passed) return passed
      now = passed.packet
    }
  }
  return { packet: now }
}
