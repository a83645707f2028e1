import type { Link, Outcome } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { type Ip, ipText, toIp } from '../ip.ts'
import { flowOf, type Packet } from '../packet.ts'
import type { Query } from '../query.ts'
import { type FibResult, lookUp, sourceOf } from '../steps/fib.ts'
import { macvlanChild, type Owner, ownersOf } from '../steps/neighbour.ts'
import { doubtOfArp } from '../steps/netfilter.ts'
import { noteRoute } from '../steps/noteRoute.ts'
import { type Segment, segmentFrom } from '../steps/segment.ts'
import { noWay } from '../steps/send.ts'
import { hasNeighbours } from '../steps/transmit.ts'
import { cannotSend, strangeQueue } from '../steps/wire.ts'
import { dropped, type End, note, predicted, refOf, refused, unsure, type Walk } from '../walk.ts'
import { answerBack } from './answer.ts'
import { ARP_BYTES, carry, carryToAll } from './carry.ts'
import { hear } from './hear.ts'

/** How the question went, and the answer where one is given, each with its hops. */
export type Asked = { forward: End; back?: { walk: Walk; end: End } }

/**
 * Asks all on a link who has an address, once and for the namespace's own address there. Same as "arping -c 1 -I LINK ADDRESS": rules for ARP at the
 * sender's OUTPUT are for what its kernel asks by itself.
 */
export function whoHas(walk: Walk, space: NetnsIndex, query: Query, address: Ip): Asked {
  const chosen = linkTo(walk, space, query, address)
  if ('outcome' in chosen) return { forward: chosen }
  const { out, question } = chosen
  const before = beforeLeaving(walk, space, out, question)
  if (before) return { forward: before }
  note(walk, { ...predicted(space.id), kind: 'leave', link: refOf(out) })
  return asked(walk, { out, question, address, segment: segmentFrom(walk.host, out) })
}

type Chosen = { out: Link; question: Packet }

/** By which link is asked: the one that the address is directly at. */
function linkTo(walk: Walk, space: NetnsIndex, { src: wanted }: Query, address: Ip): Chosen | End {
  const key = { dst: address, iif: 'lo', mark: 0, protocol: 'arp' }
  const own = wanted === undefined ? undefined : toIp(wanted)
  const first = lookUp(space, { ...key, ...(own !== undefined && { src: own }) })
  if ('doubt' in first) return unsure(space.id, first.doubt, first.blame)
  const src = own ?? sourceOf(space, first, address)
  const question: Packet = {
    ...{ protocol: 'arp', arpOperation: 1 as const, src: src ?? 0, dst: address },
    ...{ tcpFlags: [], mark: 0, ttl: 0, bytes: ARP_BYTES, whole: true, local: true },
  }
  const elsewhere = notOnLink(space, first, question)
  // On a link that is down one may ask, and is told so.
  const { reason, blame = '' } = elsewhere?.outcome ?? {}
  const down = reason === 'LINK_DOWN' ? walk.host.snapshot.records.link[blame] : undefined
  const on = elsewhere ? down : first.out
  if (on) note(walk, { ...predicted(space.id), kind: 'send', flow: flowOf(question), link: refOf(on) })
  noteRoute(walk, space, question, first)
  if (elsewhere) return elsewhere
  const { out } = first
  if (!out) return unsure(space.id, 'a route without a link')
  if (src === undefined) return unsure(space.id, 'a source address')
  const again = lookUp(space, { ...key, src })
  if ('doubt' in again) return unsure(space.id, again.doubt, again.blame)
  if (again.out !== out || again.gateway !== first.gateway) return unsure(space.id, 'a policy rule by source')
  return { out, question }
}

/** Nobody is asked for an address of one's own, nor for one that a gateway leads to. */
function notOnLink(space: NetnsIndex, found: FibResult, question: Packet): End | undefined {
  const { result, gateway, out, route } = found
  const blame = route && { blame: route.id }
  if (result === 'local')
    return refused({ reason: 'OWN_ADDRESS', netns: space.id, ...blame, what: ipText(question.dst) })
  if (result !== 'unicast') return noWay(space, question, found)
  if (gateway !== undefined) return refused({ reason: 'NOT_ON_LINK', netns: space.id, ...blame, what: ipText(gateway) })
  if (out && !hasNeighbours(out)) return refused({ reason: 'NO_ARP', netns: space.id, blame: out.id, what: out.name })
  return undefined
}

function beforeLeaving(walk: Walk, space: NetnsIndex, out: Link, question: Packet): End | undefined {
  const down = cannotSend(out)
  if (down) return dropped(down)
  const queue = strangeQueue(out)
  if (queue !== undefined) return unsure(space.id, queue, out.id)
  return doubtOfArp(walk, question, { space, hook: 'output', oif: out })
}

type Asking = { out: Link; question: Packet; address: Ip; segment: Segment }

function asked(walk: Walk, asking: Asking): Asked {
  const { out, question, address, segment } = asking
  const owners = ownersOf(walk, segment, address)
  const all = owners.map((owner) => askOne(walk, asking, owner))
  const answers = all.filter(({ ended: { back } }) => back?.end.outcome.verdict === 'delivered')
  const macs = new Set(answers.map(({ owner: [link] }) => link.address))
  const doubtful = all.find(({ ended }) => verdictOf(ended) === 'undetermined')
  const told = (macs.size <= 1 && answers[0]) || doubtful || all[0]
  if (told) walk.hops.push(...told.hops)
  if (macs.size > 1) return { forward: unsure(out.netns, `several have the address ${ipText(address)}`) }
  if (told) return told.ended
  return { forward: nobody(walk, { question, address, out, segment }) }
}

const verdictOf = ({ forward, back }: Asked): Outcome['verdict'] =>
  forward.outcome.verdict === 'delivered' && back ? back.end.outcome.verdict : forward.outcome.verdict

/** The copy of a question that comes to one who has the address, and his answer. */
function askOne(walk: Walk, { out, question, address }: Asking, owner: Owner) {
  const [link, way] = owner
  const there: Walk = { ...walk, hops: [] }
  const told = (ended: Asked) => ({ owner, hops: there.hops, ended })
  const arrived = carry(there, question, way)
  if ('end' in arrived) return told({ forward: arrived.end })
  const heard = hear(there, arrived.packet, { link, lifted: way.at(-1)?.kind === 'bridge', address })
  if (heard) return told({ forward: heard })
  const lladdr = link.address ?? ''
  note(there, { ...predicted(link.netns), kind: 'deliver', byKernel: true, lladdr })
  const what = `${lladdr} (${link.name})`
  const forward: End = { outcome: { verdict: 'delivered', netns: link.netns, blame: link.id, what } }
  return told({ forward, back: answerBack(walk, { link, out, question }) })
}

/** Nobody in sight has it: it is heard all the same, and may leave what can be seen. */
function nobody(walk: Walk, { question, address, out, segment }: Asking): End {
  const child = macvlanChild(walk, out, address)
  if (child) return dropped({ reason: 'MACVLAN_PARENT', netns: child.netns, blame: child.id, what: child.name })
  const [strange] = segment.strange
  if (strange) return unsure(out.netns, `${strange.info.kind} ${strange.name}`, strange.id)
  const [open] = segment.open
  if (open) return outside(walk, question, open)
  const ways = [...segment.stations]
  const [first] = ways
  const silent = dropped({ reason: 'NO_SUCH_ADDRESS', netns: out.netns, blame: out.id, what: ipText(address) })
  if (first === undefined) return silent
  const [link, way] = first
  const alone = ways.length === 1 && !way.some(({ kind }) => kind === 'bridge')
  // Several on one NIC hear it at once: there is no one way to tell.
  if (!alone && way[0]?.kind === 'macvlan') return silent
  const heard = alone ? carry(walk, question, way) : carryToAll(walk, question, way)
  if ('end' in heard) return heard.end
  return (alone && hear(walk, heard.packet, { link, lifted: false, address })) || silent
}

function outside(walk: Walk, question: Packet, [link, way]: Owner): End {
  const gone = carry(walk, question, way)
  if ('end' in gone) return gone.end
  note(walk, { ...predicted(link.netns), kind: 'outside', link: refOf(link) })
  return { outcome: { verdict: 'left', netns: link.netns } }
}
