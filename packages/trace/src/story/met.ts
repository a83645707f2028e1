import type { Link, Met } from '@hopscope/model'
import { hookOfOurs, isOurs, type TraceEvent } from '../events.ts'
import type { Facts } from '../facts.ts'
import { type Headers, readHeaders } from '../headers.ts'
import { CONNTRACK_PRIORITY, ctStateName } from './conntrack.ts'

type Known = {
  events: readonly TraceEvent[]
  /** Of the event itself. */
  headers: Headers | undefined
  hook: string | undefined
  mark: number | undefined
  facts: Facts
}

/** What the kernel told of a packet as it came to a chain, beside its addresses; the rest is named as unknown. */
export function metBy(event: TraceEvent, { events, headers: own, hook, mark, facts }: Known): Met | undefined {
  // Where only the policy had something for it the headers are not told; ours at the same hook were.
  const told = own === undefined ? oursAt(events, event, hook) : event
  const headers = own ?? (told && readHeaders(told))
  if (told === undefined || headers === undefined) return undefined
  const { netns, iif, oif, family } = told
  const ct = told === event || (!mayTranslate(told, hook) && isTracked(event, hook, facts)) ? told.ct : undefined
  const ctMark = ct && ctMarkAt(event, { ct, events, facts })
  const [into, out] = [facts.link(netns, iif), facts.link(netns, oif)]
  const local = iif === undefined
  const unknown = [
    ...(iif !== undefined && into === undefined ? ['iif'] : []),
    ...(oif !== undefined && out === undefined ? ['oif'] : []),
    // On a bridge iptables is told of its ports as well; the kernel tells only of the bridge.
    ...(family === 'bridge' || [into, out].some(isBridge) ? ['physIn', 'physOut', 'bridged'] : []),
    ...(local ? ['uid'] : []),
    ...(mark === undefined ? ['mark'] : []),
    ...(ct?.state === undefined ? ['ctState', 'ctStatus', 'ctDirection'] : []),
    // What is not tracked has no connection that could have a mark.
    ...(ctMark === undefined && ctStateName(ct?.state ?? 0) !== 'untracked' ? ['ctMark'] : []),
  ]
  return {
    ...(into && { iif: into.name }),
    ...(out && { oif: out.name }),
    ...(local && { local }),
    ...(mark && { mark }),
    ttl: headers.ttl,
    bytes: headers.length,
    ...(headers.tcp && { tcpFlags: headers.tcp.flags.split(' ').filter((flag) => flag !== '') }),
    ...(ct?.state !== undefined && { ct: metCt(ct, ct.state, ctMark) }),
    unknown,
  }
}

/** An event of ours with headers: the one behind all other chains of the hook, else the one before them. */
const oursAt = (events: readonly TraceEvent[], event: TraceEvent, hook: string | undefined): TraceEvent | undefined =>
  events.findLast(
    (one) =>
      isOurs(one) &&
      hookOfOurs(one) === hook &&
      one.l3 !== undefined &&
      (one.family === 'bridge') === (event.family === 'bridge'),
  )

/** Only the first packet of a connection finds it translated behind a chain and not yet before. */
function mayTranslate({ ct }: TraceEvent, hook: string | undefined): boolean {
  const side = hook === 'prerouting' || hook === 'output' ? DST_NAT : hook === 'forward' ? 0 : SRC_NAT
  return ctStateName(ct?.state ?? 0) === 'new' && ((ct?.status ?? 0) & side) !== 0
}

/** Behind the place where connections are looked up. */
function isTracked(event: TraceEvent, hook: string | undefined, facts: Facts): boolean {
  if (hook !== 'prerouting' && hook !== 'output') return true
  return (facts.chain(event)?.priority ?? 0) > CONNTRACK_PRIORITY
}

/**
 * The mark of the packet's connection, which the kernel does not tell: a connection that has just begun has none, until a rule may have made one; undefined
 * where nobody can tell.
 */
function ctMarkAt(event: TraceEvent, { ct, events, facts }: Tracked): number | undefined {
  const isFresh = ctStateName(ct.state ?? 0) === 'new' && ((ct.status ?? 0) & CONFIRMED) === 0
  const earlier = events.slice(0, events.indexOf(event)).filter(({ netns }) => netns === event.netns)
  return isFresh && !facts.mayMark(event.netns, earlier) ? 0 : undefined
}

type Tracked = { ct: NonNullable<TraceEvent['ct']>; events: readonly TraceEvent[]; facts: Facts }

const isBridge = (link: Link | undefined): boolean => link?.info.kind === 'bridge'

/** Bits of NFTA_TRACE_CT_STATUS, as `enum ip_conntrack_status` has them. */
const SEEN_REPLY = 2
const CONFIRMED = 8
const SRC_NAT = 16
const DST_NAT = 32

function metCt(
  { reply = false, status = 0 }: NonNullable<TraceEvent['ct']>,
  state: number,
  mark: number | undefined,
): NonNullable<Met['ct']> {
  return {
    state: ctStateName(state).toUpperCase(),
    reply,
    status: [
      ...(status & DST_NAT ? ['dnat' as const] : []),
      ...(status & SRC_NAT ? ['snat' as const] : []),
      ...(status & SEEN_REPLY ? ['reply' as const] : []),
    ],
    ...(mark !== undefined && { mark }),
  }
}
