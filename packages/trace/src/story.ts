import type { Flow, Hop, HostSnapshot, Way } from '@hopscope/model'
import { type Facts, factsOf } from './facts.ts'
import type { TracedPacket } from './packets.ts'
import { entered, left } from './story/crossing.ts'
import { ending } from './story/ending.ts'
import { createNarrator } from './story/narrator.ts'
import { exitOf, type Travel } from './travels.ts'

/** The story of one packet. `partial`: events of it were lost, and what is told is not all. */
export type Story = { at: number; flow: Flow | undefined; way: Way; partial: boolean }

/**
 * The way of a packet as it was seen, with what stands between, which is inferred from the snapshot and says so. Same facts as
 * `nft monitor trace`, `ip route get`, `ip neigh`, `bridge fdb` and `ss` together.
 */
export function tellStory({ packets, partial }: Travel, snapshot: HostSnapshot): Story {
  const facts = factsOf(snapshot)
  const hops: Hop[] = []
  for (const [i, packet] of packets.entries()) {
    const before = packets[i - 1]
    hops.push(...entered(packet, before, facts))
    const next = packets[i + 1]
    // From a bridge up to the IP stack above it, and over lo, the connection stays the same.
    const tracked = before?.netns === packet.netns
    const narrator = createNarrator(packet, facts, { tracked, frame: next?.headers?.mac })
    for (const event of packet.events) narrator.tell(event)
    hops.push(...narrator.end())
    if (next) hops.push(...left(packet, next, facts))
  }
  const end = ending(packets, hops.at(-1), facts)
  hops.push(...end.hops)
  const [first] = packets
  const cut = end.outcome.reason === 'NOT_SEEN' && isOnItsWay(packets.at(-1), facts)
  return {
    at: first?.at ?? 0,
    flow: first?.headers?.flow,
    way: { hops, outcome: end.outcome },
    partial: partial || cut,
  }
}

/** Whether a packet did not arrive. */
export const isLost = ({ way: { outcome } }: Pick<Story, 'way'>): boolean =>
  outcome.verdict === 'dropped' || outcome.verdict === 'refused'

/** It was handed on, by a link that carries, and not told of behind that. */
function isOnItsWay(last: TracedPacket | undefined, facts: Facts): boolean {
  const exit = last && exitOf(last, facts)
  return exit !== undefined && facts.link(last?.netns ?? '', exit.link)?.flags.includes('LOWER_UP') === true
}
