import type { HostSnapshot, Outcome, Way } from '@hopscope/model'
import { type Asked, whoHas } from './arp/whoHas.ts'
import { hostIndex } from './host/hostIndex.ts'
import { echoType, icmpOf, isIcmp, mayPass } from './icmp.ts'
import { familyOf, type Ip, ipText, isInet6, toIp } from './ip.ts'
import { resolveName } from './names.ts'
import { fromOutside } from './outside.ts'
import { type Packet, tupleOf, turned } from './packet.ts'
import { proxied } from './proxy.ts'
import type { Prediction, Query } from './query.ts'
import { lookUp, sourceOf } from './steps/fib.ts'
import { type Outgoing, send } from './steps/send.ts'
import { suggestionsFor } from './suggest.ts'
import { type Answer, type End, notSeen, predicted, unsure, type Walk } from './walk.ts'

/** Length of a ping, and of any other packet that begins a conversation. */
const USUAL_BYTES = 84

/**
 * The way of a packet and of its answer through a host as it is, and whether it arrives. What is not understood makes the
 * answer undetermined and is named in it. Same as asking each "ip route get", "iptables -S" and "bridge fdb" on the way.
 */
export function predict(snapshot: HostSnapshot, query: Query): Prediction {
  const flow = predictFlow(snapshot, query)
  const hops = (flow.way === 'back' ? flow.back : flow.forward)?.hops ?? []
  return { query, ...flow, suggestions: suggestionsFor(snapshot, query, { outcome: flow.outcome, hops }) }
}

type FlowWays = Omit<Prediction, 'query' | 'suggestions'>

function predictFlow(snapshot: HostSnapshot, query: Query): FlowWays {
  const walk = newWalk(snapshot)
  const start = query.from.kind === 'netns' ? query.from.netns : snapshot.host.rootNetns
  const only = (end: End): FlowWays => ({
    forward: { hops: walk.hops, outcome: end.outcome },
    outcome: end.outcome,
    way: 'forward',
  })
  if (!walk.host.netns(start)) return only(unsure(start, start))
  const dst = destination(walk, query, start)
  if (typeof dst === 'object') return only(dst)
  if (query.protocol === 'arp') return predictArp(walk, query, { start, dst })
  const outgoing = packetOf(query, dst)
  if (query.protocol !== 'icmp' && query.port === undefined) return only(unsure(start, 'a port'))
  const reused = knownConnection(snapshot, query)
  if (reused !== undefined) return only(unsure(start, 'a connection that is there already', reused))
  const end = query.from.kind === 'outside' ? fromOutside(walk, outgoing, query.from.link) : send(walk, start, outgoing)
  const forward: Way = { hops: walk.hops, outcome: end.outcome }
  const { answer, sent } = end
  if (!answer || !sent) return { forward, outcome: end.outcome, way: 'forward' }
  const awaited = { ...(query.from.kind === 'netns' && { netns: start }), tuple: turned(tupleOf(sent)) }
  const back = backWay({ ...walk, hops: [], passed: new Set(), awaited }, answer)
  const both = unheard(joined(forward, back, query), query, answer)
  if (query.protocol !== 'tcp' || both.outcome.verdict !== 'delivered') return withProxy(snapshot, answer, both)
  const next: Walk = { ...walk, hops: [], passed: new Set() }
  const acknowledging: Outgoing = { ...outgoing, tcpFlags: ['ACK'] }
  const third =
    query.from.kind === 'outside' ? fromOutside(next, acknowledging, query.from.link) : send(next, start, acknowledging)
  return withProxy(snapshot, answer, goesOn(both, third.outcome))
}

/** Who has an address, and his answer to whoever asks. */
function predictArp(walk: Walk, query: Query, { start, dst }: { start: string; dst: Ip }): FlowWays {
  const space = walk.host.netns(start)
  const doubt = isInet6(dst) ? `ARP for ${ipText(dst)}, which is of IPv6` : 'who is asked from outside'
  const asked: Asked =
    query.from.kind === 'outside' || !space || isInet6(dst)
      ? { forward: unsure(start, doubt) }
      : whoHas(walk, space, query, dst)
  const forward: Way = { hops: walk.hops, outcome: asked.forward.outcome }
  if (!asked.back) return { forward, outcome: forward.outcome, way: 'forward' }
  return joined(forward, { hops: asked.back.walk.hops, outcome: asked.back.end.outcome }, query)
}

/** A connection that was answered carries data only if what follows arrives as well, which rules may treat otherwise. */
function goesOn(both: FlowWays, third: Outcome): FlowWays {
  const { verdict } = third
  if (verdict === 'delivered') return both
  return { ...both, outcome: { ...third, verdict: verdict === 'dropped' ? verdict : 'undetermined' }, way: 'forward' }
}

const newWalk = (snapshot: HostSnapshot): Walk => ({
  host: hostIndex(snapshot),
  hops: [],
  tracked: [],
  passed: new Set(),
})

/** The address that is meant; a name is resolved as the sender would. */
function destination(walk: Walk, { to }: Query, netns: string): Ip | End {
  const address = toIp(to)
  if (address !== undefined) return address
  const found = resolveName(walk.host.snapshot, netns, to)
  const n = 'address' in found ? toIp(found.address) : undefined
  if ('address' in found && n !== undefined) {
    walk.hops.push({ ...predicted(netns), kind: 'resolve', name: to, address: found.address, how: found.how })
    return n
  }
  return { outcome: { verdict: 'undetermined', reason: 'NAME_UNRESOLVED', netns, what: to } }
}

function packetOf(query: Query, dst: Ip): Outgoing {
  const { port, sport, uid, bytes } = query
  const src = query.src === undefined ? undefined : toIp(query.src)
  const protocol = query.protocol === 'icmp' ? icmpOf(dst) : query.protocol
  return {
    protocol,
    dst,
    ...(src !== undefined && { src }),
    ...(isIcmp({ protocol }) ? { icmpType: echoType('request', dst), icmpCode: 0 } : { dport: port, sport }),
    tcpFlags: protocol === 'tcp' ? ['SYN'] : [],
    mark: 0,
    ttl: 64,
    bytes: bytes ?? USUAL_BYTES,
    whole: bytes !== undefined,
    local: true,
    ...(uid !== undefined && { uid }),
  }
}

/** With a port of the sender's own choice it may belong to a connection that is there: then other rules hold for it. */
function knownConnection(snapshot: HostSnapshot, { sport, port, protocol }: Query): string | undefined {
  if (sport === undefined) return undefined
  const found = Object.values(snapshot.records.conntrack).find(
    (c) => c.protocol === protocol && (c.orig.sport === sport || c.reply.dport === sport) && c.orig.dport === port,
  )
  return found?.id
}

function backWay(walk: Walk, answer: Answer): Way {
  if (answer.anySource && answersFromElsewhere(walk, answer)) {
    const { outcome } = unsure(answer.netns, `which of its addresses ${ipText(answer.about.dst)} answers from`)
    return { hops: [], outcome }
  }
  const { outcome } = send(walk, answer.netns, answerPacket(walk, answer))
  return { hops: walk.hops, outcome }
}

function answersFromElsewhere({ host }: Walk, { netns, about }: Answer): boolean {
  const space = host.netns(netns)
  const found = space && lookUp(space, { dst: about.src, iif: 'lo', mark: 0, protocol: 'udp' })
  return !found || 'doubt' in found || sourceOf(space, found, about.src) !== about.dst
}

function answerPacket(walk: Walk, { kind, about, icmp, netns }: Answer): Outgoing {
  const { ct, physIn: _port, inner: _inner, far: _far, ...bare } = about
  const base = { ...bare, mark: 0, ttl: 64, local: true, bytes: USUAL_BYTES, whole: false }
  const related = ct?.entry ? { ct: { state: 'RELATED' as const, entry: ct.entry, direction: 'reply' as const } } : {}
  const reply: Packet = { ...base, ...turned(about), tcpFlags: kind === 'reset' ? ['RST', 'ACK'] : ['SYN', 'ACK'] }
  switch (kind) {
    case 'reply':
      return { ...reply, ...(isIcmp(about) && { icmpType: echoType('reply', about.dst) }) }
    case 'reset':
      return { ...reply, ...related }
    case 'error': {
      const { src: _src, sport: _sport, dport: _dport, ...rest } = reply
      const own = walk.host
        .netns(netns)
        ?.tables(familyOf(about.dst))
        .addresses.some(({ n }) => n === about.dst)
      return {
        ...rest,
        ...(own && { src: about.dst }),
        protocol: icmpOf(about.dst),
        icmpType: icmp?.type ?? 3,
        icmpCode: icmp?.code ?? 0,
        tcpFlags: [],
        inner: tupleOf(about),
        ...related,
      }
    }
  }
}

/** Whoever waits outside has his answer when it leaves. */
function joined(forward: Way, back: Way, { from, protocol }: Query): FlowWays {
  const arrives = back.outcome.verdict === 'delivered' || (back.outcome.verdict === 'left' && from.kind === 'outside')
  if (arrives) return { forward, back, outcome: forward.outcome, way: 'forward' }
  const { verdict, netns } = back.outcome
  // Whoever is out there may send it back.
  if (verdict === 'left') {
    const { outcome } = notSeen(netns ?? '', 'the way of the answer outside of this host')
    return { forward, back, outcome, way: 'back' }
  }
  // An answer that is refused, or goes elsewhere, is one that does not come. Who gave it is told, and may then end the connection.
  const ended = forward.outcome.verdict === 'delivered' && verdict === 'refused' && protocol === 'tcp'
  const unknown = verdict === 'undetermined' || ended
  const outcome: Outcome = { ...back.outcome, verdict: unknown ? 'undetermined' : 'dropped' }
  return { forward, back, outcome, way: 'back' }
}

/** That a network or a host is unreachable the kernel keeps from whoever sent a datagram: it may pass. Same for a time to live that is over. */
function unheard(ways: FlowWays, { protocol }: Query, { icmp, about }: Answer): FlowWays {
  if (protocol !== 'udp' || icmp === undefined || ways.outcome.verdict !== 'refused') return ways
  return mayPass(icmp, about.dst) ? { ...ways, outcome: { ...ways.outcome, verdict: 'dropped' } } : ways
}

/** docker-proxy opens a connection of its own to the container: that has its two ways as well. */
function withProxy(snapshot: HostSnapshot, answer: Answer, first: FlowWays): FlowWays {
  if (!answer.proxy) return first
  const next = proxied(snapshot, answer)
  if ('outcome' in next) return { ...first, outcome: next.outcome, way: 'forward' }
  const second = predictFlow(snapshot, next.query)
  const forward = { hops: [...first.forward.hops, ...second.forward.hops], outcome: second.forward.outcome }
  const hops = [...(second.back?.hops ?? []), ...(first.back?.hops ?? [])]
  const ways = { forward, back: { hops, outcome: first.back?.outcome ?? second.outcome } }
  if (first.outcome.verdict !== 'delivered') return { ...ways, outcome: first.outcome, way: first.way }
  // To the sender of a datagram docker-proxy never says that it was refused.
  const silent = answer.about.protocol === 'udp' && second.outcome.verdict === 'refused'
  return { ...ways, outcome: silent ? { ...second.outcome, verdict: 'dropped' } : second.outcome, way: second.way }
}

/** The address that the sender means: of the packet as it is sent, before anything is translated; undefined for a name that leads nowhere. */
export function addressOf({ forward, query }: Pick<Prediction, 'forward' | 'query'>): string | undefined {
  const sent = forward.hops.find(({ kind }) => kind === 'send')?.flow
  // Not every address is asked for.
  if (query.protocol === 'arp') return sent?.dst
  return sent?.dst ?? (toIp(query.to) === undefined ? undefined : query.to)
}
