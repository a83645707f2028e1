import type { Link, Neighbour } from '@hopscope/model'
import type { HostIndex, NetnsIndex } from '../host/hostIndex.ts'
import { neighbourKey } from '../host/tables.ts'
import { familyOf, type Ip, ipText, isInet6 } from '../ip.ts'
import type { Packet } from '../packet.ts'
import { dropped, type End, note, predicted, refOf, spaceOf, unsure, type Walk } from '../walk.ts'
import { askerAt, DISCOVERY_BYTES, fading, unanswered, unasked, unclearOwner } from './discovery.ts'
import { isLocal, lookUp } from './fib.ts'
import { type Crossing, type Segment, segmentFrom } from './segment.ts'
import { selectAddress } from './selectAddress.ts'
import { checkSource } from './source.ts'
import { callsIptables, cannotSend, firstBlock, strangeOn } from './wire.ts'

/** Where a frame goes: to a link in sight, by a way; or out of sight, by an open end. */
export type Aim =
  | { kind: 'station'; link: Link; mac: string; way: readonly Crossing[] }
  | { kind: 'open'; link: Link; mac?: string; way: readonly Crossing[] }

/** Length of an ARP packet. */
const ARP_BYTES = 28

/** Finds out whose MAC address the next hop has. Same as "ip neigh show", or an ARP question. */
export function resolve(walk: Walk, space: NetnsIndex, out: Link, address: Ip, packet: Packet): Aim | { end: End } {
  const text = ipText(address)
  const known = space.tables(familyOf(address)).neighbours.get(neighbourKey(out.index, text))
  const down = cannotSend(out)
  if (down) return { end: dropped(down) }
  const segment = segmentFrom(walk.host, out)
  const [strange] = segment.strange
  const owners = ownersOf(walk, segment, address)
  const hop = { ...predicted(space.id), kind: 'neighbour' as const, link: refOf(out), address: text }
  if (known?.lladdr !== undefined && usable(known)) {
    const aim = aimAt(segment, known.lladdr)
    note(walk, { ...hop, how: 'known', lladdr: known.lladdr, neighbourId: known.id })
    const gone =
      isInet6(address) && known.state !== 'PERMANENT' && fading(walk, { space, out, address, packet }, owners)
    if (gone) return { end: gone }
    const right = owners.some(([link]) => link.address === known.lladdr)
    if (right && aim) return aim
    // Whoever has that MAC address takes it in, and may know a way.
    if (isInet6(address) && aim) return { end: unsure(space.id, `${text} is at ${known.lladdr}`, known.id) }
    if (known.state !== 'PERMANENT' && owners.length > 0)
      return { end: unsure(space.id, `${text} is at ${known.lladdr} no longer`, known.id) }
    // Whose it is cannot be seen: somebody on the outside may have it.
    if (segment.open.size > 0 || strange) return outside(segment, known.lladdr) ?? { end: strangeEnd(space, strange) }
    const what = `${text} (${known.lladdr})`
    const aside = mayTurnAside(walk, segment, address)
    if (aside) return { end: unsure(space.id, `a translation on ${aside.name}`, aside.id) }
    if (known.state === 'PERMANENT')
      return { end: dropped({ reason: 'WRONG_MAC', netns: space.id, blame: known.id, what }) }
    return { end: unsure(space.id, `${text} is at ${known.lladdr}, which nobody has`, known.id) }
  }
  return ask(walk, { space, out, address, packet, segment, owners, known })
}

/** A bridge on which the destination may be changed: then the frame goes on, whomever it was for. */
function mayTurnAside(walk: Walk, { stations }: Segment, address: Ip): Link | undefined {
  for (const crossing of [...stations.values()].flat()) {
    if (crossing.kind !== 'bridge' || crossing.inPort === undefined) continue
    const { bridge } = crossing
    const space = spaceOf(walk, bridge.netns)
    const rules = space
      .firewall()
      .nat(familyOf(address), 'prerouting')
      .flatMap(({ table }) => [...table.chains.values()].flatMap((chain) => chain.rules))
    if (rules.length > 0 && callsIptables(space, bridge, familyOf(address))) return bridge
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
  address: Ip
  packet: Packet
  segment: Segment
  owners: Owner[]
  known: Neighbour | undefined
}
/** A station that answers for an address, and the way there. */
export type Owner = [link: Link, way: readonly Crossing[]]

function ask(walk: Walk, { space, out, address, packet, segment, owners, known }: Asked): Aim | { end: End } {
  const text = ipText(address)
  const hop = { ...predicted(space.id), kind: 'neighbour' as const, link: refOf(out), address: text }
  const failed = (end: End): { end: End } => {
    note(walk, { ...hop, how: 'failed', ...(known && { neighbourId: known.id }) })
    return { end }
  }
  const doubt = questionDoubt(walk, { space, address, segment, owners })
  if (doubt) return { end: doubt }
  const asker = askerOf(space, { out, address, packet })
  const silent = isInet6(address) ? unasked(walk, { space, out, address, packet }) : undefined
  if (silent) return { end: silent }
  const answers: { owner: Owner; block?: End }[] = []
  for (const owner of owners) answers.push({ owner, ...blockOf(walk, { out, owner, asker, address }) })
  const open = isInet6(address) && answers.find(({ block }) => block?.outcome.verdict === 'undetermined')?.block
  if (open) return { end: open }
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

/** Stations that have the address, or that answer in its place. */
export function ownersOf({ host }: Walk, { stations }: Segment, address: Ip): Owner[] {
  const found: Owner[] = []
  for (const station of stations) {
    const [link] = station
    const space = host.netns(link.netns)
    if (!space) continue
    if (owns(host, link, address) || answersForOthers(space, link, address)) found.push(station)
  }
  return found
}

/** Whether a link answers for an address: of IPv4 for those of its whole namespace, of IPv6 for its own. */
export const owns = (host: HostIndex, { netns, index }: Link, address: Ip): boolean =>
  isInet6(address)
    ? host
        .netns(netns)
        ?.tables('inet6')
        .addresses.some(({ record, n }) => record.index === index && n === address) === true
    : host.owners(address).has(netns)

type Asker = { out: Link; address: Ip; packet: Packet }

function askerOf(space: NetnsIndex, { out, address, packet: { src } }: Asker): Ip | undefined {
  if (isInet6(address)) return askerAt(space, out, src)
  return isLocal(space, src) ? src : selectAddress(space, out, address)
}

/** Proxy ARP: it forwards, and its own route leads elsewhere. */
export function answersForOthers(space: NetnsIndex, link: Link, address: Ip): boolean {
  // That of IPv6 is asked for in its own place.
  if (isInet6(address)) return false
  const switches = space.sysctl?.links[link.index]
  if (!switches?.proxyArp || !switches.forwarding4) return false
  const found = lookUp(space, { dst: address, iif: link.name, mark: 0, protocol: 'arp' })
  return !('doubt' in found) && found.result === 'unicast' && found.out?.index !== link.index
}

type Question = { out: Link; owner: Owner; asker: Ip | undefined; address: Ip }

/** Why the question does not get there, or the answer not back. */
function blockOf(walk: Walk, { out, owner: [link, way], asker, address }: Question): { block?: End } {
  const { host } = walk
  const bytes = isInet6(address) ? DISCOVERY_BYTES : ARP_BYTES
  const there = firstBlock(way, bytes)
  if (there) return { block: dropped(there) }
  const strange = strangeOn(way)
  if (strange) return { block: unsure(link.netns, strange.what, strange.blame) }
  const back = segmentFrom(host, link).stations.get(out)
  // From a macvlan's parent no way leads to its children, though they answer whoever asks.
  if (back === undefined) return { block: unsure(link.netns, `the way back from ${link.name}`, link.id) }
  const returning = cannotSend(link) ?? firstBlock(back, bytes)
  if (returning) return { block: dropped(returning) }
  if (asker === undefined) return {}
  if (isInet6(asker) && isInet6(address)) {
    const block = unanswered(walk, { out, owner: [link, way], asker, address })
    return block ? { block } : {}
  }
  const space = spaceOf(walk, link.netns)
  const check = checkSource(space, link, { src: asker, dst: address, mark: 0, protocol: 'arp' })
  if (check === 'ok') return {}
  const what = ipText(asker)
  if (typeof check === 'object') return { block: unsure(link.netns, check.doubt) }
  return {
    block: dropped({ reason: check === 'martian' ? 'MARTIAN' : 'RP_FILTER', netns: link.netns, blame: link.id, what }),
  }
}

/** Rules for ARP, or for all frames of a bridge, may keep the question from being heard. */
function questionDoubt(
  walk: Walk,
  { space, address, segment, owners }: Pick<Asked, 'space' | 'address' | 'segment' | 'owners'>,
): End | undefined {
  const unclear = isInet6(address) ? unclearOwner(walk.host, address, { segment, owners }) : undefined
  if (unclear) return unclear
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
    const forArp = isInet6(address) ? [] : [...firewall.arp('input'), ...firewall.arp('output')]
    for (const { chain, table } of [...forArp, ...bridges]) {
      const rules = [...table.chains.values()].flatMap((c) => c.rules)
      const harmless =
        chain.record.policy !== 'drop' && rules.every(({ record }) => !/\b(drop|reject|queue)\b/.test(record.text))
      if (!harmless)
        return unsure(
          id,
          `rules for ${isInet6(address) ? 'all frames' : 'ARP'} in ${chain.record.table}`,
          chain.record.id,
        )
    }
  }
  return undefined
}

/** A macvlan on the link that the question leaves by, or on its own parent. */
export function macvlanChild({ host }: Walk, out: Link, address: Ip): Link | undefined {
  const owners = host.owners(address)
  return host.macvlans(out).find((child) => owners.has(child.netns))
}
