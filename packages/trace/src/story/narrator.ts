import type { Flow, Hop } from '@hopscope/model'
import { hookOfOurs, isOurs, startsLate, type TraceEvent } from '../events.ts'
import type { Facts } from '../facts.ts'
import { type Headers, readHeaders, sameFlow } from '../headers.ts'
import type { TracedPacket } from '../packets.ts'
import { chainHop, startsVisit, type Visit } from '../visits.ts'
import { bridgeHop } from './bridge.ts'
import { CONNTRACK_PRIORITY, conntrackHop } from './conntrack.ts'
import { refOf } from './crossing.ts'
import { metBy } from './met.ts'
import { earlierNat, natHop } from './nat.ts'
import { neighbourHop, routeHop } from './routing.ts'

/** Tells what happened to a packet in one namespace, event by event. */
export type Narrator = { tell(event: TraceEvent): void; end(): Hop[] }

/** What is known of the packet before and after: whether its connection was told of, and what the next frame of it said. */
type Around = { tracked: boolean; frame: Headers['mac'] }

export function createNarrator(packet: TracedPacket, facts: Facts, { tracked: known, frame }: Around): Narrator {
  const { netns, events } = packet
  const hops: Hop[] = []
  let flow: Flow | undefined = packet.headers?.flow
  let visit: Visit | undefined
  let hook: string | undefined
  let tracked = known
  // As long as a frame is on a bridge, what iptables sees of it is not on its way through the IP stack.
  let bridging = events[0]?.family === 'bridge'
  let switched = false
  // Told after each rule: what the packet is marked with as it comes to the next chain.
  let mark: number | undefined

  const closeVisit = () => {
    if (visit) hops.push(chainHop(visit, facts))
    visit = undefined
  }

  /** What lies between two hooks: the decision of the bridge, or the choice of a route. */
  const between = (now: string, event: TraceEvent) => {
    // Of ARP no route is chosen.
    if (event.family === 'arp') return
    if (event.family === 'bridge' || bridging) {
      const decided = now !== 'prerouting' && !(event.family !== 'bridge' && now === 'output')
      if (!decided || switched || !(bridging || event.family === 'bridge')) return
      const hop = bridgeHop(packet, flow, facts)
      if (hop) hops.push(hop)
      switched = true
      return
    }
    if (hook === now || now === 'prerouting' || now === 'postrouting') return
    const hop = routeHop({ netns, hook: now, flow, iif: event.iif, oif: oifOf(events, event) }, facts)
    if (hop) hops.push(hop)
  }

  const changed = (headers: Headers, event: TraceEvent) => {
    const before = flow
    flow = headers.flow
    if (before === undefined || sameFlow(before, headers.flow)) return
    closeVisit()
    const place = natPlace(hops, netns, before.dst === headers.flow.dst && before.dport === headers.flow.dport)
    const earlier = hops.slice(0, place)
    hops.splice(place, 0, natHop({ netns, before, after: headers.flow, hops: earlier, reply: replyOf(events, event) }))
  }

  return {
    tell(event) {
      const ours = isOurs(event)
      const now = ours ? hookOfOurs(event) : facts.chain(event)?.hook
      if (ours ? event.type === 'rule' : startsVisit(visit, event, facts)) {
        closeVisit()
        if (event.ct?.state !== undefined && !tracked && event.family !== 'bridge') {
          tracked = true
          hops.splice(conntrackPlace(hops), 0, conntrackHop(netns, event.ct, facts))
        }
        const headers = readHeaders(event)
        if (headers && event === events[0] && startsLate(event)) {
          const hop = earlierNat(netns, headers.flow, event.ct, facts)
          if (hop) hops.push(hop)
        }
        if (headers) changed(headers, event)
        if (now !== undefined) between(now, event)
        if (event.family === 'bridge' && now === 'input') bridging = false
        if (now !== undefined && event.family !== 'bridge') hook = now
        const { engine, family, table, chain } = event
        if (!ours) {
          // What iptables-legacy logs is the packet before the rule.
          const marked = engine === 'legacy' ? (event.mark ?? 0) : mark
          const met = metBy(event, { events, headers, hook: now, mark: marked, facts })
          visit = { engine, netns, family, table, chain, events: [], ...(met && { met }) }
        } else if (event.family === 'arp') {
          const link = facts.link(netns, event.chain.startsWith('seen') ? event.oif : undefined)
          if (link?.info.kind === 'bridge') hops.push({ kind: 'leave', netns, basis: 'observed', link: refOf(link) })
        } else if (now === 'postrouting' && event.chain.startsWith('seen') && event.family !== 'bridge' && !bridging) {
          const mac = macAfter(events, event) ?? frame
          const hop = neighbourHop({ netns, flow: headers?.flow, oif: event.oif, mac }, facts)
          if (hop) hops.push(hop)
          // Another hop tells how it leaves by other links; a bridge has its frames from the host by its own one.
          const link = facts.link(netns, event.oif)
          if (link?.info.kind === 'bridge') hops.push({ kind: 'leave', netns, basis: 'observed', link: refOf(link) })
        }
      }
      if (!ours) visit?.events.push(event)
      if (event.type === 'rule') mark = event.engine === 'legacy' ? undefined : (event.mark ?? 0)
    },
    end() {
      closeVisit()
      return hops
    },
  }
}

/** Connections are looked up between raw and mangle; a chain that only had a policy for it did not tell of them. */
function conntrackPlace(hops: readonly Hop[]): number {
  const behind = hops.findIndex(
    (hop) => hop.kind === 'chain' && hop.family !== 'bridge' && (hop.priority ?? 0) > CONNTRACK_PRIORITY,
  )
  return behind < 0 ? hops.length : behind
}

/** Destinations are translated at -100 and sources at 100; chains behind that only had a policy for it did not tell of it. */
function natPlace(hops: readonly Hop[], netns: string, source: boolean): number {
  let place = hops.length
  for (const hop of hops.toReversed()) {
    const silent = hop.kind === 'chain' && hop.netns === netns && hop.family !== 'bridge' && hop.hits.length === 0
    if (!silent || (hop.priority ?? 0) <= (source ? 100 : -100)) break
    place--
  }
  return place
}

/** The link that it is to leave by, as the first event from here on tells it. */
function oifOf(events: readonly TraceEvent[], from: TraceEvent): number | undefined {
  return events.slice(events.indexOf(from)).find(({ oif }) => oif !== undefined)?.oif
}

function replyOf(events: readonly TraceEvent[], from: TraceEvent): boolean | undefined {
  return events.slice(events.indexOf(from)).find(({ ct }) => ct?.reply !== undefined)?.ct?.reply
}

/** Whom the frame is for that it goes on in, where a bridge of the same namespace saw it. */
function macAfter(events: readonly TraceEvent[], from: TraceEvent): Headers['mac'] {
  const later = events.slice(events.indexOf(from)).find(({ family, l2 }) => family === 'bridge' && l2 !== undefined)
  return later && readHeaders(later)?.mac
}
