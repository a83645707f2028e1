import type { Link } from '@hopscope/model'
import { flowOf, type Packet } from '../packet.ts'
import { passArpChains, passDevice } from '../steps/netfilter.ts'
import { segmentFrom } from '../steps/segment.ts'
import { cannotSend, strangeQueue } from '../steps/wire.ts'
import { dropped, type End, note, predicted, refOf, spaceOf, unsure, type Walk } from '../walk.ts'
import { carry } from './carry.ts'
import { takeIn } from './hear.ts'

/** Who answers, at which link, whom at which link. */
type Answering = { link: Link; out: Link; question: Packet }

/** The answer's way from the kernel that has the address to whoever asked. */
export function answerBack(walk: Walk, answering: Answering): { walk: Walk; end: End } {
  const back: Walk = { ...walk, hops: [] }
  return { walk: back, end: sendBack(back, answering) }
}

function sendBack(walk: Walk, { link, out, question }: Answering): End {
  const space = spaceOf(walk, link.netns)
  const { physIn: _port, ...bare } = question
  const answer: Packet = { ...bare, arpOperation: 2, src: question.dst, dst: question.src, mark: 0, local: true }
  note(walk, { ...predicted(space.id), kind: 'send', flow: flowOf(answer) })
  const allowed = passArpChains(walk, answer, { space, hook: 'output', oif: link })
  if ('end' in allowed) return allowed.end
  const down = cannotSend(link)
  if (down) return dropped(down)
  const queue = strangeQueue(link)
  if (queue !== undefined) return unsure(space.id, queue, link.id)
  const left = passDevice(walk, allowed.packet, { space, hook: 'egress', link, oif: link })
  if ('end' in left) return left.end
  const way = segmentFrom(walk.host, link).stations.get(out)
  // From a macvlan's parent no way leads to its children, though they answer whoever asks.
  if (way === undefined) return unsure(space.id, `the way back from ${link.name}`, link.id)
  note(walk, { ...predicted(space.id), kind: 'leave', link: refOf(link) })
  const arrived = carry(walk, left.packet, way, out.address ?? '')
  if ('end' in arrived) return arrived.end
  const taken = takeIn(walk, arrived.packet, { link: out, lifted: way.at(-1)?.kind === 'bridge' })
  if ('end' in taken) return taken.end
  note(walk, { ...predicted(out.netns), kind: 'deliver', lladdr: link.address ?? '' })
  return { outcome: { verdict: 'delivered', netns: out.netns } }
}
