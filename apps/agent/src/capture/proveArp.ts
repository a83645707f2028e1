import {
  type Hop,
  type HopKind,
  type HostSnapshot,
  type Link,
  type LinkRef,
  linkId,
  type Outcome,
  type Way,
} from '@hopscope/model'
import { openProbe } from '@hopscope/netlink'
import type { Prediction } from '@hopscope/path'
import {
  type Alternative,
  type ArpResult,
  type Copy,
  compareWays,
  type Literal,
  type Story,
  type TracedPacket,
  tellCopies,
} from '@hopscope/trace'
import { inNetns } from '../observe/namespaces.ts'
import { beside, type Proof, type Unprovable } from './proof.ts'
import { openCapture } from './session.ts'

/** A proxy may take 0.8 of them until it answers. */
const SECONDS = 1.2
/** On a large bridge every port has a copy of the question, which is one packet more. */
const LIMIT = { packets: 10_000, rate: 10_000, seconds: SECONDS }

type Question = { netns: string; link: Link; src: string; address: string }
type Heard = { story: Story; packets: readonly TracedPacket[] }

/** Asks once who has an address, and lays what becomes of the question and its answer over what was predicted. Throws NetlinkError when it may not. */
export async function proveArp(prediction: Prediction, snapshot: () => HostSnapshot): Promise<Proof | Unprovable> {
  const question = questionOf(prediction, snapshot())
  if (question === undefined) return { because: 'NOT_ASKED' }
  const { link, src, address } = question
  const netns = snapshot().records.netns[question.netns]
  if (netns === undefined) return { because: 'NETNS_GONE' }
  const asked = { protocol: 'arp' as const, link: link.index, mac: link.address ?? '', src, address }
  const probe = inNetns(netns, (fd) => openProbe(netns.root ? null : fd, asked))
  if (probe === 'gone') return { because: 'NETNS_GONE' }
  const heard: Heard[] = []
  try {
    const capture = openCapture({
      alternatives: alternativesFor(question),
      limit: LIMIT,
      snapshot,
      arp: true,
      onStory(story, packets) {
        heard.push({ story, packets })
        // Not within this call: what is being told is not told yet, and would be told again.
        if (isReply(story, question) && arrives(story, question)) setImmediate(capture.stop)
      },
    })
    const began = performance.now()
    const refused = probe.send()
    if (refused !== undefined) capture.stop()
    const summary = await capture.done
    if (refused !== undefined) return { prediction, refused, summary }
    return { prediction, summary, ...told({ prediction, question, heard, began }, snapshot()) }
  } finally {
    probe.close()
  }
}

/** On which link is asked, as it is predicted; undefined where that is none. */
function questionOf({ forward }: Prediction, { records }: HostSnapshot): Question | undefined {
  const sent = forward.hops.find((hop) => hop.kind === 'send')
  if (!sent?.flow || !sent.link) return undefined
  const { netns, flow } = sent
  const link = records.link[linkId(netns, sent.link.index)]
  return link && { netns, link, src: flow.src, address: flow.dst }
}

/** The question and what answers it. */
function alternativesFor({ src, address }: Question): Alternative[] {
  const is = (test: Literal['test']): Literal => ({ test, not: false })
  const between = (from: string, to: string): Alternative => [
    is({ kind: 'family', family: 'arp' }),
    is({ kind: 'address', side: 'src', address: from, prefixLength: 32 }),
    is({ kind: 'address', side: 'dst', address: to, prefixLength: 32 }),
  ]
  return [between(src, address), between(address, src)]
}

const isReply = ({ flow }: Story, { address }: Question): boolean => flow?.arpOperation === 2 && flow.src === address
const arrives = ({ way: { hops } }: Story, { netns }: Question): boolean => {
  const last = hops.at(-1)
  return last?.kind === 'deliver' && last.netns === netns
}

type Came = { prediction: Prediction; question: Question; heard: readonly Heard[]; began: number }

function told({ prediction, question, heard, began }: Came, snapshot: HostSnapshot) {
  const replies = heard.filter(({ story }) => isReply(story, question))
  const reply = replies.find(({ story }) => arrives(story, question)) ?? replies[0]
  const asked = heard.flatMap(({ packets }) => packets.filter((packet) => isQuestion(packet, question)))
  const story = storyOf({ prediction, question, copies: tellCopies(asked, snapshot), reply: reply?.story, snapshot })
  const forward = beside(prediction.forward, { story, head: undefined }, NOTHING)
  const back = reply && prediction.back && beside(prediction.back, { story: reply.story, head: undefined }, NOTHING)
  return { forward, ...(back && { back }), asked: resultOf(reply, began) }
}

/** iptables is not asked about ARP. */
const NOTHING: ReadonlySet<string> = new Set()

/** Not one that the sender's own kernel asks meanwhile. */
function isQuestion({ headers, netns, events: [first] }: TracedPacket, question: Question): boolean {
  const byKernel = first?.family === 'arp' && netns === question.netns && first.iif === undefined
  return headers?.flow.arpOperation === 1 && headers.flow.dst === question.address && !byKernel
}

function resultOf(reply: Heard | undefined, began: number): ArpResult {
  const lladdr = reply?.packets[0]?.headers?.lladdr
  if (reply === undefined || lladdr === undefined) return { milliseconds: SECONDS * 1000 }
  const [first, ...hops] = reply.story.way.hops
  const left = first?.kind === 'send' ? hops.find((hop) => hop.kind === 'leave') : undefined
  const milliseconds = Math.max(0, Math.round(reply.story.at - began))
  return { milliseconds, lladdr, ...(left && { link: left.link }) }
}

type Copies = {
  prediction: Prediction
  question: Question
  copies: readonly Copy[]
  reply: Story | undefined
  snapshot: HostSnapshot
}

/** The copy of the question that came to who answered, else the one that went most like what was predicted. */
function storyOf({ prediction: { forward }, question, copies, reply, snapshot }: Copies): Story {
  const isPort = ({ netns, index }: LinkRef) => snapshot.records.link[linkId(netns, index)]?.port !== undefined
  const before = ownDoing(forward)
  const [first] = reply?.way.hops ?? []
  const answerer = first?.kind === 'send' ? first.netns : undefined
  const there = copies.filter(({ netns }) => netns === answerer)
  const stories = (there.length > 0 ? there : copies).map(({ netns, story }) =>
    withOwn(before, story, { question, answered: netns === answerer, isPort }),
  )
  const unseen = withOwn(before, NO_STORY, { question, answered: false, isPort })
  const all = there.length > 0 ? stories : [...stories, unseen]
  return mostAlike(forward, all) ?? unseen
}

const NO_STORY: Story = {
  at: 0,
  flow: undefined,
  way: { hops: [], outcome: { verdict: 'undetermined', reason: 'NOT_SEEN' } },
  partial: false,
}

/** Which of them differs last from what was predicted, and has most in common with it. */
function mostAlike(predicted: Way, stories: readonly Story[]): Story | undefined {
  const told = stories.map((story) => {
    const { rows, first = Number.POSITIVE_INFINITY } = compareWays(predicted, story.way)
    return { story, first, equal: rows.filter((row) => row.predicted && row.observed).length }
  })
  told.sort((a, b) => (a.first === b.first ? b.equal - a.equal : b.first > a.first ? 1 : -1))
  return told[0]?.story
}

/** What the agent did itself: no hook is told of a question before it has left the namespace. */
function ownDoing({ hops }: Way): Hop[] {
  const end = hops.findIndex(({ kind }) => !UNTOLD.has(kind))
  return hops
    .slice(0, end < 0 ? hops.length : end)
    .filter(({ kind }) => kind !== 'resolve')
    .map((hop) => ({ ...hop, basis: hop.kind === 'send' ? 'observed' : 'inferred' }))
}

const UNTOLD: ReadonlySet<HopKind> = new Set(['resolve', 'send', 'route', 'leave', 'veth', 'macvlan'])

type Asked = { question: Question; answered: boolean; isPort: (link: LinkRef) => boolean }

function withOwn(before: readonly Hop[], story: Story, { question, answered, isPort }: Asked): Story {
  const [first, ...rest] = story.way.hops
  // A bridge says by itself by which port a frame comes in.
  const seen = first?.kind === 'arrive' && isPort(first.link) ? rest : story.way.hops
  const { outcome } = story.way
  if (answered) return { ...story, way: { hops: [...before, ...seen], outcome } }
  // It got there, and nobody said a word.
  const hops = [...before, ...seen.filter((hop) => hop.kind !== 'deliver')]
  const { netns, address } = question
  const silent: Outcome = { verdict: 'dropped', reason: 'NEIGHBOUR_FAILED', netns, what: address }
  const ended = outcome.verdict === 'dropped' || outcome.verdict === 'left'
  return { ...story, way: { hops, outcome: ended ? outcome : silent } }
}
