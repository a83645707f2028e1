import type { Link, Neighbour } from '@hopscope/model'
import { type NetnsIndex, neighbourKey } from '../host/hostIndex.ts'
import { toText } from '../ipv4.ts'
import type { Packet } from '../packet.ts'
import { dropped, type End, note, predicted, refOf, spaceOf, unsure, type Walk } from '../walk.ts'
import { isLocal, lookUp, selectAddress } from './fib.ts'
import { type Crossing, type Segment, segmentFrom } from './segment.ts'
import { checkSource } from './source.ts'
import { callsIptables, cannotSend, firstBlock, strangeOn } from './wire.ts'

/** Where a frame goes: to a link in sight, by a way; or out of sight, by an open end. */
export type Aim =
  | { kind: 'station'; link: Link; mac: string; way: readonly Crossing[] }
  | { kind: 'open'; link: Link; mac?: string; way: readonly Crossing[] }

/** Length of an ARP packet. */
const ARP_BYTES = 28

/** Finds out whose MAC address the next hop has. Same as "ip neigh show", or an ARP question. */
export function resolve(walk: Walk, space: NetnsIndex, out: Link, address: number, packet: Packet): Aim | { end: End } {
  const text = toText(address)
  const known = space.neighbours.get(neighbourKey(out.index, text))
  const down = cannotSend(out)
  if (down) return { end: dropped(down) }
  const segment = segmentFrom(walk.host, out)
  const [strange] = segment.strange
  const owners = ownersOf(walk, segment, address)
  const hop = { ...predicted(space.id), kind: 'neighbour' as const, link: refOf(out), address: text }
  if (known?.lladdr !== undefined && usable(known)) {
    const aim = aimAt(segment, known.lladdr)
    note(walk, { ...hop, how: 'known', lladdr: known.lladdr, neighbourId: known.id })
    const right = owners.some(([link]) => link.address === known.lladdr)
    if (right && aim) return aim
    if (known.state !== 'PERMANENT' && owners.length > 0)
      return { end: unsure(space.id, `${text} is at ${known.lladdr} no longer`, known.id) }
    // Whose it is cannot be seen: somebody on the outside may have it.
    if (segment.open.size > 0 || strange) return outside(segment, known.lladdr) ?? { end: strangeEnd(space, strange) }
    const what = `${text} (${known.lladdr})`
    const aside = mayTurnAside(walk, segment)
    if (aside) return { end: unsure(space.id, `a translation on ${aside.name}`, aside.id) }
    if (known.state === 'PERMANENT')
      return { end: dropped({ reason: 'WRONG_MAC', netns: space.id, blame: known.id, what }) }
    return { end: unsure(space.id, `${text} is at ${known.lladdr}, which nobody has`, known.id) }
  }
  return ask(walk, { space, out, address, packet, segment, owners, known })
}

/** A bridge on which the destination may be changed: then the frame goes on, whomever it was for. */
function mayTurnAside(walk: Walk, { stations }: Segment): Link | undefined {
  for (const crossing of [...stations.values()].flat()) {
    if (crossing.kind !== 'bridge' || crossing.inPort === undefined) continue
    const { bridge } = crossing
    const space = spaceOf(walk, bridge.netns)
    const rules = space
      .firewall()
      .nat('prerouting')
      .flatMap(({ table }) => [...table.chains.values()].flatMap((chain) => chain.rules))
    if (rules.length > 0 && callsIptables(space, bridge)) return bridge
  }
  return undefined
}

const usable = ({ state }: Neighbour): boolean =>
  ['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP'].includes(state)

const strangeEnd = (space: NetnsIndex, link: Link | undefined): End =>
  unsure(space.id, link === undefined ? 'the wire' : `${link.info.kind} ${link.name}`, link?.id)

type Asked = {
  space: NetnsIndex
  out: Link
  address: number
  packet: Packet
  segment: Segment
  owners: Owner[]
  known: Neighbour | undefined
}
type Owner = [link: Link, way: readonly Crossing[]]

function ask(walk: Walk, { space, out, address, packet, segment, owners, known }: Asked): Aim | { end: End } {
  const text = toText(address)
  const hop = { ...predicted(space.id), kind: 'neighbour' as const, link: refOf(out), address: text }
  const failed = (end: End): { end: End } => {
    note(walk, { ...hop, how: 'failed', ...(known && { neighbourId: known.id }) })
    return { end }
  }
  const doubt = arpDoubt(walk, space, owners)
  if (doubt) return { end: doubt }
  const asker = isLocal(space, packet.src) ? packet.src : selectAddress(space, out, address)
  const answers: { owner: Owner; block?: End }[] = []
  for (const owner of owners) answers.push({ owner, ...blockOf(walk, { out, owner, asker, address }) })
  const able = answers.filter(({ block }) => block === undefined)
  const macs = new Set(able.map(({ owner: [link] }) => link.address))
  if (macs.size > 1) return { end: unsure(space.id, `several have the address ${text}`) }
  const [first] = able
  if (first) {
    const [link, way] = first.owner
    note(walk, { ...hop, how: 'asked', lladdr: link.address ?? '' })
    return { kind: 'station', link, mac: link.address ?? '', way }
  }
  const parent = macvlanChild(walk, out, address)
  if (parent)
    return failed(dropped({ reason: 'MACVLAN_PARENT', netns: parent.netns, blame: parent.id, what: parent.name }))
  const blocks = answers.flatMap(({ block }) => block ?? [])
  const [block] = blocks
  if (block) return failed(block)
  const [strange] = segment.strange
  if (strange) return { end: strangeEnd(space, strange) }
  if (segment.open.size > 0) {
    if (known?.state === 'FAILED' || known?.state === 'INCOMPLETE')
      return failed({
        outcome: { verdict: 'undetermined', reason: 'NEIGHBOUR_FAILED', netns: space.id, blame: known.id, what: text },
      })
    note(walk, { ...hop, how: 'asked' })
    const away = outside(segment)
    if (away) return away
  }
  const reason = known?.state === 'FAILED' ? ('NEIGHBOUR_FAILED' as const) : ('NO_SUCH_ADDRESS' as const)
  return failed(dropped({ reason, netns: space.id, blame: known?.id ?? out.id, what: text }))
}

/** Several open ends are one for us: whoever has the address is out of sight. */
function outside(segment: Segment, mac?: string): Aim | undefined {
  const [first] = segment.open
  return first && { kind: 'open', link: first[0], way: first[1], ...(mac !== undefined && { mac }) }
}

function aimAt({ stations }: Segment, mac: string): Aim | undefined {
  for (const [link, way] of stations) if (link.address === mac) return { kind: 'station', link, mac, way }
  return undefined
}

/** Stations whose namespace has the address, or that answer in its place. */
function ownersOf(walk: Walk, { stations }: Segment, address: number): Owner[] {
  const { host } = walk
  const owners = host.owners(address)
  const found: Owner[] = []
  for (const station of stations) {
    const [link] = station
    const space = host.netns(link.netns)
    if (!space) continue
    if (owners.has(link.netns) || answersForOthers(walk, space, link, address)) found.push(station)
  }
  return found
}

/** Proxy ARP: it forwards, and its own route leads elsewhere. */
function answersForOthers({ host }: Walk, space: NetnsIndex, link: Link, address: number): boolean {
  const switches = space.sysctl?.links[link.index]
  if (!switches?.proxyArp || !switches.forwarding4) return false
  const found = lookUp(host, space, { dst: address, iif: link.name, mark: 0, protocol: 'arp' })
  return !('doubt' in found) && found.result === 'unicast' && found.out?.index !== link.index
}

type Question = { out: Link; owner: Owner; asker: number | undefined; address: number }

/** Why the question does not get there, or the answer not back. */
function blockOf(walk: Walk, { out, owner: [link, way], asker, address }: Question): { block?: End } {
  const { host } = walk
  const there = firstBlock(way, ARP_BYTES)
  if (there) return { block: dropped(there) }
  const strange = strangeOn(way)
  if (strange) return { block: unsure(link.netns, strange.what, strange.blame) }
  const back = segmentFrom(host, link).stations.get(out)
  // From a macvlan's parent no way leads to its children, though they answer whoever asks.
  if (back === undefined) return { block: unsure(link.netns, `the way back from ${link.name}`, link.id) }
  const returning = cannotSend(link) ?? firstBlock(back, ARP_BYTES)
  if (returning) return { block: dropped(returning) }
  if (asker === undefined) return {}
  const space = spaceOf(walk, link.netns)
  const check = checkSource(host, space, link, { src: asker, dst: address, mark: 0, protocol: 'arp' })
  if (check === 'ok') return {}
  const what = toText(asker)
  if (typeof check === 'object') return { block: unsure(link.netns, check.doubt) }
  return {
    block: dropped({ reason: check === 'martian' ? 'MARTIAN' : 'RP_FILTER', netns: link.netns, blame: link.id, what }),
  }
}

/** Rules for ARP, or for all frames of a bridge, may keep the question from being heard. */
function arpDoubt(walk: Walk, space: NetnsIndex, owners: readonly Owner[]): End | undefined {
  const places = new Set([space.id])
  for (const [link, way] of owners) {
    places.add(link.netns)
    for (const crossing of way) if (crossing.kind === 'bridge') places.add(crossing.bridge.netns)
  }
  for (const id of places) {
    const firewall = spaceOf(walk, id).firewall()
    const bridges = (['prerouting', 'input', 'forward', 'output', 'postrouting'] as const).flatMap((h) =>
      firewall.bridge(h),
    )
    for (const { chain, table } of [...firewall.arp, ...bridges]) {
      const rules = [...table.chains.values()].flatMap((c) => c.rules)
      const harmless =
        chain.record.policy !== 'drop' && rules.every(({ record }) => !/\b(drop|reject|queue)\b/.test(record.text))
      if (!harmless) return unsure(id, `rules for ARP in ${chain.record.table}`, chain.record.id)
    }
  }
  return undefined
}

/** A macvlan on the link that the question leaves by, or on its own parent. */
function macvlanChild({ host }: Walk, out: Link, address: number): Link | undefined {
  const owners = host.owners(address)
  return host.macvlans(out).find((child) => owners.has(child.netns))
}
