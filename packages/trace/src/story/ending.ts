import { type Flow, fwChainId, type Hop, type HopOf, type Neighbour, type Outcome, recordsOf } from '@hopscope/model'
import type { Facts } from '../facts.ts'
import type { Headers } from '../headers.ts'
import type { TracedPacket } from '../packets.ts'
import { type Exit, exitOf, lastHeaders } from '../travels.ts'
import { cable, leaveHops, refOf } from './crossing.ts'

export type Ending = { hops: Hop[]; outcome: Outcome }

/** What became of a packet after the last namespace that it was seen in. */
export function ending(packets: readonly TracedPacket[], last: Hop | undefined, facts: Facts): Ending {
  const packet = packets.at(-1)
  if (packet === undefined) return notSeen(facts.snapshot.host.rootNetns, '')
  if (last?.kind === 'chain' && last.verdict !== 'accept') return { hops: [], outcome: refusal(last) }
  const exit = exitOf(packet, facts)
  if (exit === undefined) return vanished(packet, last, facts)
  if (exit.way === 'out') return out(packet, exit, facts)
  if (exit.family === 'bridge') return notSeen(packet.netns, facts.ref(packet.netns, exit.link).name)
  // Whoever waits for an answer has a socket of its own.
  const answer = packets.some(({ events }) => events.some(({ ct }) => ct?.reply))
  return delivered(packet, answer, facts)
}

/** A rule or a policy ended it. */
function refusal(chain: HopOf<'chain'>): Outcome {
  const hit = chain.hits.at(-1)
  const { netns } = chain
  if (chain.policy || hit === undefined) {
    const { engine, family, table, chain: name } = chain
    const blame = fwChainId({ netns, engine, family, table, chain: name })
    return { verdict: 'dropped', reason: 'POLICY_DROP', netns, blame, what: name }
  }
  const common = { netns, blame: hit.ruleId, what: hit.text ?? `${hit.chain} ${hit.handle}` }
  if (chain.verdict === 'reject') return { verdict: 'refused', reason: 'RULE_REJECT', ...common }
  if (chain.verdict === 'drop') return { verdict: 'dropped', reason: 'RULE_DROP', ...common }
  return { verdict: 'undetermined', reason: 'NOT_SEEN', ...common }
}

function delivered(packet: TracedPacket, answer: boolean, facts: Facts): Ending {
  const { netns } = packet
  const headers = lastHeaders(packet)
  const deliver: HopOf<'deliver'> = { kind: 'deliver', netns, basis: 'observed' }
  const outcome: Outcome = { verdict: 'delivered' }
  if (headers === undefined || answer) return { hops: [deliver], outcome }
  const { flow } = headers
  if (flow.protocol === 'arp') return { hops: [toldByArp(packet, headers, facts)], outcome }
  if (flow.protocol.startsWith('icmp'))
    return { hops: [isPing(flow) ? { ...deliver, byKernel: true } : deliver], outcome }
  const socket = facts.socket(netns, flow)
  if (socket) {
    const { process } = socket
    // Who waits there is in the snapshot; that it got so far was seen.
    return { hops: [{ ...deliver, basis: 'inferred', socketId: socket.id, ...(process && { process }) }], outcome }
  }
  if (!asks(headers)) return { hops: [deliver], outcome }
  return {
    hops: [],
    outcome: { verdict: 'refused', reason: 'NOT_LISTENING', netns, what: `${flow.dst}:${flow.dport}` },
  }
}

/** Whoever is asked tells the MAC address of the link that he is asked by. */
function toldByArp({ netns, events }: TracedPacket, { flow, lladdr }: Headers, facts: Facts): HopOf<'deliver'> {
  const deliver: HopOf<'deliver'> = { kind: 'deliver', netns, basis: 'observed' }
  if (flow.arpOperation === 2) return { ...deliver, ...(lladdr !== undefined && { lladdr }) }
  const own = facts.link(netns, events.find(({ iif }) => iif !== undefined)?.iif)?.address
  return { ...deliver, basis: 'inferred', byKernel: true, ...(own !== undefined && { lladdr: own }) }
}

const isPing = ({ icmpType }: Flow): boolean => icmpType === 8 || icmpType === 128

/** A packet that only a socket which waits for anybody would take; a connection has one of its own. */
const asks = ({ flow, tcp }: Headers): boolean => flow.protocol === 'udp' || tcp?.flags === 'SYN'

function out(packet: TracedPacket, { link: index, family }: Exit, facts: Facts): Ending {
  const { netns } = packet
  const ref = facts.ref(netns, index)
  const link = facts.link(netns, index)
  const hops = leaveHops(ref, facts)
  // A frame on a bridge has its MAC address already.
  const waits = family !== 'bridge' && family !== 'arp' && isAsked(packet, index, facts)
  if (link?.info.kind === 'bridge' || waits) return unanswered(packet, index, facts)
  const peer = facts.peer(ref)
  if (peer) return { hops: [...hops, cable(ref, refOf(peer))], outcome: notSeen(peer.netns, peer.name).outcome }
  if (link?.type === 'loopback') return { hops, outcome: notSeen(netns, ref.name).outcome }
  const parent = link?.info.kind === 'macvlan' ? facts.link(link.linkNetns ?? netns, link.iflink) : undefined
  if (parent) hops.push({ kind: 'macvlan', netns, basis: 'inferred', from: ref, to: refOf(parent) })
  const place = parent ? refOf(parent) : ref
  hops.push({ kind: 'outside', netns: place.netns, basis: 'inferred', link: place })
  return { hops, outcome: { verdict: 'left' } }
}

/** Nobody has told yet who has the next hop's address; what is for all needs no such answer. */
function isAsked(packet: TracedPacket, index: number, facts: Facts): boolean {
  const next = nextHop(packet, index, facts)
  if (next === undefined || facts.link(packet.netns, index)?.type !== 'ether' || isForMany(next.address)) return false
  const broadcasts = recordsOf(facts.snapshot, 'address').map(({ broadcast }) => broadcast)
  return next.neighbour?.lladdr === undefined && !broadcasts.includes(next.address)
}

/** Multicast, or every host. */
const isForMany = (address: string): boolean => address.startsWith('ff') || Number(address.split('.')[0]) >= 224

/** Given to a link and seen nowhere behind it: its frame waits for a MAC address that nobody tells, or waited in vain. */
function unanswered(packet: TracedPacket, index: number, facts: Facts): Ending {
  const { netns } = packet
  const next = nextHop(packet, index, facts)
  if (next === undefined || next.neighbour?.lladdr !== undefined) return notSeen(netns, facts.ref(netns, index).name)
  const { address, neighbour } = next
  const verdict = neighbour?.state === 'FAILED' ? 'dropped' : 'undetermined'
  const outcome: Outcome = { verdict, reason: 'NEIGHBOUR_FAILED', netns, what: address }
  return { hops: [], outcome: neighbour ? { ...outcome, blame: neighbour.id } : outcome }
}

type NextHop = { address: string; neighbour: Neighbour | undefined }

function nextHop(packet: TracedPacket, index: number, facts: Facts): NextHop | undefined {
  const { netns } = packet
  const flow = lastHeaders(packet)?.flow
  if (flow === undefined) return undefined
  const address = facts.route(netns, flow.dst, index)?.gateway ?? flow.dst
  return { address, neighbour: facts.neighbour(facts.ref(netns, index), address) }
}

/** The kernel itself ended it, between two hooks, and tells nobody. */
function vanished(packet: TracedPacket, last: Hop | undefined, facts: Facts): Ending {
  const { netns } = packet
  const flow = lastHeaders(packet)?.flow
  const arrived = last?.kind !== 'chain' || last.hook === 'prerouting'
  if (flow === undefined || !arrived) return notSeen(netns, '')
  const sysctl = recordsOf(facts.snapshot, 'sysctl').find((one) => one.netns === netns)
  const forwards = flow.family === 'inet' ? sysctl?.ipForward : sysctl?.ip6Forwarding
  if (!isOwn(netns, flow, facts) && forwards === false) {
    return { hops: [], outcome: { verdict: 'dropped', reason: 'FORWARDING_OFF', netns, what: '' } }
  }
  return notSeen(netns, flow.dst)
}

const isOwn = (netns: string, { dst }: Flow, { snapshot }: Facts): boolean =>
  recordsOf(snapshot, 'address').some((address) => address.netns === netns && address.local === dst)

const notSeen = (netns: string, what: string): Ending => ({
  hops: [],
  outcome: { verdict: 'undetermined', reason: 'NOT_SEEN', netns, what },
})
