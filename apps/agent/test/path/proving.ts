import {
  fwChainId,
  fwTableId,
  type Hop,
  type HopOf,
  type HostSnapshot,
  recordsOf,
  type Flow as Tuple,
  type Way,
} from '@hopscope/model'
import type { SandboxHost } from '@hopscope/sandbox'
import type { Story } from '@hopscope/trace'
import { openCapturing } from '../capture/capturing.ts'
import { type Compared, type Flow, flowText, originOf } from './sending.ts'

/** Rules, NAT and links on both ways of some flows, as predicted and as the kernel traced them. `unseen`: ways of which nothing whole was traced. */
export type Proven = { compared: number; unseen: string[]; different: string[] }

const LIMIT = { packets: 10_000, rate: 10_000, seconds: 60 }

/** Traces whatever is sent in a host while `act` runs. */
export async function traceAll<T>(host: SandboxHost, act: () => Promise<T>) {
  const capturing = await openCapturing(host)
  try {
    const results: T[] = []
    const what = { filter: 'icmp or icmp6 or tcp or udp', limit: LIMIT, enough: () => true }
    const { stories, summary } = await capturing.trace(what, async () => results.push(await act()))
    const [result] = results
    if (result === undefined) throw new Error(`the tracing has ended: ${summary.ended}`)
    return { result, stories, summary }
  } finally {
    await capturing.close()
  }
}

/** Lays each predicted way over what was traced of the flow's first packet, and of the first answer to it. */
export function prove(snapshot: HostSnapshot, compared: readonly Compared[], stories: readonly Story[]): Proven {
  const proven: Proven = { compared: 0, unseen: [], different: [] }
  for (const { flow, predicted } of compared) {
    if (predicted.outcome.verdict === 'undetermined') continue
    const sent = stories.find((story) => isSent(story, flow, snapshot))
    lay(proven, { title: `${flowText(flow)} forward`, predicted: predicted.forward, seen: sent, snapshot })
    if (!predicted.back || !sent) continue
    const back = backOf(stories, sent, predicted.back)
    lay(proven, { title: `${flowText(flow)} back`, predicted: predicted.back, seen: back, snapshot })
  }
  return proven
}

type Laid = { title: string; predicted: Way; seen: Story | undefined; snapshot: HostSnapshot }

function lay(proven: Proven, { title, predicted, seen, snapshot }: Laid): void {
  const was = decided(predicted, snapshot)
  if (was.length === 0) return
  if (seen === undefined || seen.partial) {
    proven.unseen.push(`${title} (${seen === undefined ? 'not traced' : 'partial'})`)
    return
  }
  const is = decided(seen.way, snapshot)
  // What iptables-legacy logs under new addresses belongs to nobody, until nftables tells of them as well.
  const lost = seen.way.outcome.reason === 'NOT_SEEN' && was[is.length]?.includes(' becomes ')
  if (lost && is.every((line, i) => line === was[i])) {
    proven.unseen.push(`${title} (translated, not seen to its end)`)
    return
  }
  proven.compared += 1
  // Behind the last hook the trace is silent: that nobody answers for the MAC address, or that the link is down, is not seen.
  const silent = predicted.hops.at(-1)?.kind === 'neighbour' || predicted.outcome.reason === 'LINK_DOWN'
  if (silent && is.length > was.length) is.pop()
  // That it was translated is told by the hook after, if it gets there.
  if (was.length > is.length && was.at(-1)?.includes(' becomes ')) was.pop()
  if (was.join('\n') === is.join('\n')) return
  const [lacking, more] = [lines('predicted', was, is), lines('traced', is, was)]
  // The same lines in another order, or another number.
  const all = lacking.length + more.length === 0 ? [...lines('predicted', was, []), ...lines('traced', is, [])] : []
  proven.different.push([title, ...lacking, ...more, ...all].join('\n    '))
}

/** The first packet of a flow as its sender sent it. */
function isSent({ flow, way }: Story, { from, to, protocol, port }: Flow, snapshot: HostSnapshot): boolean {
  const [first] = way.hops
  if (flow === undefined || first === undefined) return false
  const origin = originOf(snapshot, from)
  const place = origin.kind === 'netns' ? origin.netns : snapshot.host.rootNetns
  const begins = first.netns === place && first.kind === (origin.kind === 'netns' ? 'send' : 'arrive')
  return (
    begins &&
    icmpAlike(flow.protocol) === protocol &&
    flow.dst === to &&
    (port ?? flow.dport) === flow.dport &&
    asks(flow)
  )
}

const icmpAlike = (protocol: string): string => (protocol === 'icmpv6' ? 'icmp' : protocol)
const isReply = (icmpType: number | undefined): boolean => icmpType === 0 || icmpType === 129
const asks = ({ protocol, icmpType }: Tuple): boolean =>
  icmpAlike(protocol) !== 'icmp' || icmpType === (protocol === 'icmp' ? 8 : 128)

/**
 * An answer to whoever sent it, or an error like the predicted one. No trace says which packet an error is about: of several that begin alike,
 * the one that ends with the predicted addresses is laid beside it.
 */
function backOf(stories: readonly Story[], sent: Story, predicted: Way): Story | undefined {
  const all = stories.filter((story) => isBack(story, sent, predicted))
  const end = lastFlow(predicted)
  const endsAlike = ({ way }: Story) => {
    const last = lastFlow(way)
    return last !== undefined && end !== undefined && alike(last, end)
  }
  return all.find(endsAlike) ?? all[0]
}

const lastFlow = ({ hops }: Way): Tuple | undefined => hops.findLast((hop) => hop.flow)?.flow

function isBack({ flow, way }: Story, { flow: asked }: Story, predicted: Way): boolean {
  const [first] = way.hops
  const [expected] = predicted.hops
  if (flow === undefined || asked === undefined || first?.netns !== expected?.netns) return false
  if (expected?.flow && icmpAlike(expected.flow.protocol) === 'icmp' && !isReply(expected.flow.icmpType))
    return alike(flow, expected.flow) && flow.icmpType === expected.flow.icmpType
  const last = lastFlow(way) ?? flow
  if (icmpAlike(asked.protocol) === 'icmp') return isReply(flow.icmpType) && flow.icmpId === asked.icmpId
  return last.protocol === asked.protocol && last.dport === asked.sport && last.dst === asked.src
}

const alike = (a: Tuple, b: Tuple): boolean => a.src === b.src && a.dst === b.dst && a.protocol === b.protocol

const lines = (who: string, own: readonly string[], other: readonly string[]): string[] =>
  own.filter((line) => !other.includes(line)).map((line) => `${who}: ${line}`)

/** Parts of rules that hold or not by what came before, or by chance. */
const CHANCE = / -m (?:limit|recent|statistic) |\blimit rate |\bnumgen /

/** What the kernel decides, of what it traces: rules in order, translations, the links that it leaves by. */
function decided({ hops }: Way, snapshot: HostSnapshot): string[] {
  const limits = recordsOf(snapshot, 'fwRule').filter(({ text }) => CHANCE.test(text))
  const changing = recordsOf(snapshot, 'fwTable').filter(({ sets = {} }) =>
    Object.values(sets).some(({ elements }) => elements.kind === 'changing'),
  )
  const chance = new Set([...limits, ...changing].map((record) => fwTableId(record)))
  return inOrder(hops, snapshot).flatMap((hop) => {
    if (typeof hop === 'string') return [hop]
    if (hop.kind === 'leave') return [`${hop.netns} leaves by ${hop.link.name}`]
    if (hop.kind === 'nat') return translated(hop)
    if (hop.kind !== 'chain') return []
    // Whether a limit was reached already, or what is in a set that changes, nobody can predict: only what came of the chain is.
    if (chance.has(fwTableId(hop))) return [`${placeOf(hop)} ${nameOf(hop)} ${hop.chain} → ${hop.verdict}`]
    const hits = hop.hits.map(({ chain, handle, verdict }) => `${chain}#${handle} ${verdict}`)
    return [
      `${placeOf(hop)} ${nameOf(hop)} ${hop.chain}: ${hits.join(', ')} → ${hop.verdict}${hop.policy ? ' (policy)' : ''}`,
    ]
  })
}

/**
 * Chains of one hook and priority run in an order that no record tells: they stand by their names here, and where one of several ends it, or may
 * translate, it is not said which.
 */
function inOrder(hops: readonly Hop[], snapshot: HostSnapshot): (Hop | string)[] {
  const several = new Set<string>()
  const seen = new Set<string>()
  for (const { netns, hook, family, priority } of recordsOf(snapshot, 'fwChain')) {
    const place = `${netns} ${hook} ${family === 'bridge'} ${priority}`
    if (seen.has(place)) several.add(place)
    seen.add(place)
  }
  const ordered: (Hop | string)[] = []
  for (let from = 0; from < hops.length; ) {
    const [first, ...rest] = hops.slice(from)
    if (first === undefined) break
    const place = first.kind === 'chain' ? placeOf(first) : undefined
    const more = place === undefined ? 0 : rest.findIndex((hop) => hop.kind !== 'chain' || placeOf(hop) !== place)
    const run = [first, ...rest.slice(0, more < 0 ? rest.length : more)]
    const end = run.find((hop): hop is HopOf<'chain'> => hop.kind === 'chain' && hop.verdict !== 'accept')
    const translates = first.kind === 'chain' && snapshot.records.fwChain[fwChainId(first)]?.type === 'nat'
    if (place !== undefined && several.has(place) && (end || translates))
      ordered.push(`${place}: one of several → ${end?.verdict ?? 'accept'}`)
    else ordered.push(...run.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)))
    from += run.length
  }
  return ordered
}

/** Where another connection has the port or the id already, the kernel chooses one, and may change nothing else. */
function translated({ netns, before, after }: HopOf<'nat'>): string[] {
  const [was, is] = [text(before), text(after)]
  return was === is ? [] : [`${netns} ${was} becomes ${is}`]
}

const placeOf = ({ netns, hook, family, priority }: HopOf<'chain'>): string =>
  `${netns} ${hook} ${family === 'bridge'} ${priority}`
const nameOf = (hop: Hop): string => (hop.kind === 'chain' ? `${hop.engine} ${hop.family} ${hop.table}` : '')
/** Ports that a kernel chooses, for a sender or for a translation, are not predicted; those that are asked for are few. */
const text = ({ src, dst, dport = 0 }: Tuple): string => `${src} > ${dst}:${isAsked(dport) ? dport : 0}`
const isAsked = (port: number): boolean => port < 1024 || (port >= 7000 && port <= 7010)
