import type { Hop, HostSnapshot, LinkRef } from '@hopscope/model'
import { isOurs } from './events.ts'
import { type Facts, factsOf } from './facts.ts'
import { signature } from './headers.ts'
import type { TracedPacket } from './packets.ts'
import { hookOf } from './story/bridge.ts'
import { bridgeOf } from './story/crossing.ts'
import { type Story, tellStory } from './story.ts'
import { placesOf } from './travels.ts'

/** One of the places that a frame for all came to, in `netns`, and its whole way there. */
export type Copy = { netns: string; story: Story }

/**
 * Tells the way of each copy of a frame that bridges hand to all their ports, from where it was seen first. To the kernel each copy is another packet,
 * and what it has in common with the others was told of one of them alone. `packets` are all of one frame.
 */
export function tellCopies(packets: readonly TracedPacket[], snapshot: HostSnapshot): Copy[] {
  const facts = factsOf(snapshot)
  const ordered = [...packets].sort((a, b) => a.first - b.first)
  const tell = (pieces: readonly TracedPacket[]): Story => {
    const story = tellStory({ packets: pieces, partial: pieces.some(({ partial }) => partial) }, snapshot)
    const hops = story.way.hops.map((hop) => (hop.kind === 'bridge' ? given(hop, ordered, facts) : hop))
    return { ...story, way: { ...story.way, hops } }
  }
  return ordered.flatMap((packet) => {
    const whole = wayTo(packet, ordered, facts)
    const last = whole.at(-1)
    // As far as all copies are one: nobody but the host may have had it from that bridge.
    const begins = isAt(packet, 'prerouting', facts) || isAt(packet, 'output', facts)
    const common = last && begins ? [...whole.slice(0, -1), untilGiven(last, facts)] : undefined
    const { netns } = packet
    return [{ netns, story: tell(whole) }, ...(common ? [{ netns, story: tell(common) }] : [])]
  })
}

/** The pieces of the way that lead to a packet, itself the last. */
function wayTo(packet: TracedPacket, all: readonly TracedPacket[], facts: Facts): TracedPacket[] {
  const parent = isCopy(packet, facts) ? parentOf(packet, all, facts) : undefined
  const piece = parent ? joined(parent, packet, facts) : packet
  const { entry } = placesOf(parent ?? packet, facts)
  const earlier = all.filter(({ first }) => first < (parent ?? packet).first)
  const before = entry === undefined ? undefined : earlier.findLast((one) => placesOf(one, facts).next === entry)
  return [...(before ? wayTo(before, earlier, facts) : []), piece]
}

/** What was told of before the bridge made copies, with what was told of one of them. */
function joined(parent: TracedPacket, copy: TracedPacket, facts: Facts): TracedPacket {
  const events = [...parent.events.filter((event) => hookOf(event, facts) === 'prerouting'), ...copy.events]
  const { first, at, started } = parent
  return { ...copy, events, first, at, started, joining: undefined }
}

/** Our own look at what goes up, or comes down, stands for the decision of the bridge; what others' chains do with it is another copy's way. */
const untilGiven = (packet: TracedPacket, facts: Facts): TracedPacket => ({
  ...packet,
  joining: undefined,
  events: packet.events.filter(
    (event) => hookOf(event, facts) === 'prerouting' || (isOurs(event) && GIVEN.has(hookOf(event, facts) ?? '')),
  ),
})

const GIVEN: ReadonlySet<string> = new Set(['input', 'output'])

/** It begins on a bridge, behind the place where the frame came in. */
function isCopy({ events: [first] }: TracedPacket, facts: Facts): boolean {
  const hook = first?.family === 'bridge' ? hookOf(first, facts) : undefined
  return hook === 'forward' || hook === 'postrouting'
}

function parentOf(copy: TracedPacket, all: readonly TracedPacket[], facts: Facts): TracedPacket | undefined {
  const bridge = bridgeAt(copy, facts)
  return all.findLast(
    (one) =>
      one.first < copy.first &&
      isAt(one, 'prerouting', facts) &&
      bridge !== undefined &&
      bridgeAt(one, facts)?.id === bridge.id &&
      one.headers !== undefined &&
      copy.headers !== undefined &&
      signature(one.headers) === signature(copy.headers),
  )
}

/** A bridge's hop with all ports that had a copy, by their index. */
function given(hop: Extract<Hop, { kind: 'bridge' }>, all: readonly TracedPacket[], facts: Facts): Hop {
  const { netns, bridge, inPort } = hop
  const here = all.filter((packet) => packet.netns === netns && bridgeAt(packet, facts)?.index === bridge.index)
  const ports = new Map<number, LinkRef>()
  for (const { events } of here)
    for (const { family, oif } of events)
      if (family === 'bridge' && oif !== undefined) ports.set(oif, facts.ref(netns, oif))
  const outPorts = [...ports.values()].sort((a, b) => a.index - b.index)
  const toHost = inPort !== undefined && here.some((packet) => isAt(packet, 'input', facts))
  const { fdbId: _, ...bare } = hop
  return { ...bare, outPorts, toHost, how: 'flooded' }
}

const isAt = ({ events }: TracedPacket, hook: string, facts: Facts): boolean =>
  events.some((event) => event.family === 'bridge' && hookOf(event, facts) === hook)

function bridgeAt({ netns, events }: TracedPacket, facts: Facts) {
  const told = events.find(({ family, iif, oif }) => family === 'bridge' && (oif ?? iif) !== undefined)
  const index = told?.oif ?? told?.iif
  return index === undefined ? undefined : bridgeOf({ netns, index, name: '' }, facts)
}
