import type { Flow, Hop, HostSnapshot, Way } from '@hopscope/model'
import { openProbe, type Probe } from '@hopscope/netlink'
import { addressOf, type Prediction, predict, type Query } from '@hopscope/path'
import { type Alternative, headOf, type Literal, type Story } from '@hopscope/trace'
import { inNetns } from '../observe/namespaces.ts'
import { beside, type Proof, type Seen, type Unprovable } from './proof.ts'
import { proveArp } from './proveArp.ts'
import { openCapture } from './session.ts'

/** For the way there, and as much again for the answer. */
const SECONDS = 3
const ECHO_REQUESTS: ReadonlySet<number> = new Set([8, 128])
const NUMBERS = { tcp: 6, udp: 17 } as const
/** ICMP's in the family of an address. */
const icmpOf = (address: string): number => (address.includes(':') ? 58 : 1)

/**
 * Sends one real packet from the namespace, traces exactly that one and its answer, and lays what was seen over what was predicted.
 * Throws NetlinkError when it may not.
 */
export async function prove(query: Query, snapshot: () => HostSnapshot): Promise<Proof | Unprovable> {
  const prediction = predict(snapshot(), query)
  if (query.from.kind !== 'netns') return { because: 'OUTSIDE' }
  const netns = snapshot().records.netns[query.from.netns]
  if (netns === undefined) return { because: 'NETNS_GONE' }
  const address = addressOf(prediction)
  const { protocol, port } = query
  if (protocol === 'arp') return proveArp(prediction, snapshot)
  if (address === undefined) return { because: 'NO_ADDRESS' }
  const target = { protocol, address, ...(port !== undefined && { port }) }
  const probe = inNetns(netns, (fd) => openProbe(netns.root ? null : fd, target))
  if (probe === 'gone') return { because: 'NETNS_GONE' }
  try {
    return await observe({ prediction, protocol, netns: netns.id, address, probe, snapshot })
  } finally {
    probe.close()
  }
}

type Sent = {
  prediction: Prediction
  protocol: 'icmp' | keyof typeof NUMBERS
  netns: string
  address: string
  probe: Probe
  snapshot: () => HostSnapshot
}

async function observe({ prediction, protocol, netns, address, probe, snapshot }: Sent): Promise<Proof> {
  const isForward = ({ way, flow }: Story) =>
    way.hops[0]?.kind === 'send' && way.hops[0].netns === netns && flow?.dst === address && isSent(flow, probe.id)
  const isBack = ({ way, flow }: Story) =>
    way.hops.at(-1)?.netns === netns && flow !== undefined && !isSent(flow, probe.id) && !isDiscovery(flow)
  const seen: { forward?: Seen; back?: Seen } = {}
  const capture = openCapture({
    alternatives: alternativesFor(prediction, {
      protocol: protocol === 'icmp' ? icmpOf(address) : NUMBERS[protocol],
      address,
      id: probe.id,
    }),
    limit: { packets: 50, rate: 100, seconds: SECONDS },
    snapshot,
    onStory(story, [first]) {
      const one = { story, head: first && headOf(first) }
      if (seen.forward === undefined && isForward(story)) seen.forward = one
      else if (seen.back === undefined && isBack(story)) seen.back = one
      const expectsBack = prediction.back !== undefined
      // Not within this call: what is being told is not told yet, and would be told again.
      if (seen.forward && (seen.back || !expectsBack)) setImmediate(capture.stop)
    },
  })
  const refused = probe.send()
  if (refused !== undefined) capture.stop()
  const summary = await capture.done
  const { forward, back } = seen
  const untold = new Set(summary.legacy.map(({ netns }) => netns))
  return {
    prediction,
    summary,
    ...(refused !== undefined && { refused }),
    ...(forward && { forward: beside(firstLeg(prediction.forward), forward, untold) }),
    ...(back && prediction.back && { back: beside(lastLeg(prediction.back), back, untold) }),
  }
}

/** docker-proxy opens a connection of its own, which is another packet's way. */
function firstLeg({ hops, outcome }: Way): Way {
  const second = hops.findIndex((hop, i) => i > 0 && hop.kind === 'send')
  return second < 0 ? { hops, outcome } : { hops: hops.slice(0, second), outcome: { verdict: 'delivered' } }
}

/** The sender has the answer of the proxy; before that comes the container's to the proxy. */
function lastLeg({ hops, outcome }: Way): Way {
  const last = hops.findLastIndex((hop) => hop.kind === 'send')
  return { hops: hops.slice(Math.max(0, last)), outcome }
}

/** The probe itself, and not its answer. */
const isSent = ({ sport, icmpId, icmpType }: Flow, id: number): boolean =>
  icmpType === undefined ? sport === id : ECHO_REQUESTS.has(icmpType) && icmpId === id

/** Who has which MAC address is asked and told by ICMPv6 as well. */
const isDiscovery = ({ protocol, icmpType = 0 }: Flow): boolean =>
  protocol === 'icmpv6' && icmpType >= 133 && icmpType <= 137

type Tuple = { protocol: number; address: string; id: number }

/** The packet and its answer, as they are before and behind every translation that is predicted. */
function alternativesFor({ forward, back, query }: Prediction, { protocol, address, id }: Tuple): Alternative[] {
  const flows = [...forward.hops, ...(back?.hops ?? [])].flatMap(flowsOf)
  const is: Literal = yes({ kind: 'protocol', protocol })
  const ports = (side: 'src' | 'dst', port: number | undefined): Literal[] =>
    port === undefined || query.protocol === 'icmp' ? [] : [yes({ kind: 'port', side, from: port, to: port })]
  const host = (side: 'src' | 'dst', to: string): Literal =>
    yes({ kind: 'address', side, address: to, prefixLength: to.includes(':') ? 128 : 32 })
  // Whatever is predicted, the packet itself is known, and so is what would answer it.
  const own: Alternative[] = [
    [is, host('dst', address), ...ports('src', id), ...ports('dst', query.port)],
    [is, host('src', address), ...ports('src', query.port), ...ports('dst', id)],
  ]
  const translated = flows.map(
    ({ src, dst, sport, dport }): Alternative => [
      is,
      host('src', src),
      host('dst', dst),
      ...ports('src', sport),
      ...ports('dst', dport),
    ],
  )
  // A router that refuses says so to the sender.
  const senders = new Set(flows.filter((flow) => flow.dst === address).map(({ src }) => src))
  const errors = [...senders].map(
    (src): Alternative => [yes({ kind: 'protocol', protocol: icmpOf(src) }), host('dst', src)],
  )
  return [...own, ...translated, ...(query.protocol === 'icmp' ? [] : errors)]
}

const yes = (test: Literal['test']): Literal => ({ test, not: false })

function flowsOf(hop: Hop): Flow[] {
  const flows = hop.kind === 'nat' ? [hop.before, hop.after] : []
  return hop.flow ? [...flows, hop.flow] : flows
}
