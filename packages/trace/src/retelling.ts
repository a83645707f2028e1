import type { HostSnapshot } from '@hopscope/model'
import type { TraceEvent } from './events.ts'
import { differInNumbersOnly } from './headers.ts'
import type { TracedPacket } from './packets.ts'
import { type Story, tellStory } from './story.ts'
import type { Travel } from './travels.ts'

type Told = { travel: Travel; story: Story }

/** Ways that are remembered at once: a flood of more flows than these is told anew packet by packet. */
const MOST = 256

/** Tells stories as `tellStory` does. Most packets of a flood fare like one before them: theirs is the way that was told of that one. */
export function createRetelling(): (travel: Travel, snapshot: HostSnapshot) => Story {
  const told = new Map<string, Told>()
  let latest: HostSnapshot | undefined
  return (travel, snapshot) => {
    if (snapshot !== latest) told.clear()
    latest = snapshot
    const kind = kindOf(travel)
    const before = told.get(kind)
    if (before && faresLike(travel, before.travel)) return { ...before.story, at: travel.packets[0]?.at ?? 0 }
    const story = tellStory(travel, snapshot)
    if (told.size >= MOST) told.clear()
    told.set(kind, { travel, story })
    return story
  }
}

/** What packets that fare alike have in common; few others have it. */
function kindOf({ packets }: Travel): string {
  const headers = packets[0]?.headers
  const events = packets.reduce((sum, packet) => sum + packet.events.length, 0)
  if (headers === undefined) return `${events}`
  const { flow, length, tcp } = headers
  const { src, dst, sport, dport, icmpType } = flow
  return `${events} ${src} ${dst} ${sport} ${dport} ${icmpType} ${length} ${tcp?.flags}`
}

/** Whether the kernel told the same of both, but for what tells two packets of a flow from each other. */
const faresLike = (a: Travel, b: Travel): boolean =>
  a.partial === b.partial &&
  a.packets.length === b.packets.length &&
  a.packets.every((packet, i) => isLike(packet, b.packets[i]))

const isLike = (a: TracedPacket, b: TracedPacket | undefined): boolean =>
  b !== undefined &&
  a.netns === b.netns &&
  a.events.length === b.events.length &&
  a.events.every((event, i) => saysTheSame(event, b.events[i]))

/** All of an event but `at` and `id`. */
const saysTheSame = (a: TraceEvent, b: TraceEvent | undefined): boolean =>
  b !== undefined &&
  a.handle === b.handle &&
  a.chain === b.chain &&
  a.table === b.table &&
  a.family === b.family &&
  a.engine === b.engine &&
  a.netns === b.netns &&
  a.type === b.type &&
  a.verdict === b.verdict &&
  a.to === b.to &&
  a.policy === b.policy &&
  a.iif === b.iif &&
  a.oif === b.oif &&
  a.mark === b.mark &&
  a.ct?.id === b.ct?.id &&
  a.ct?.reply === b.ct?.reply &&
  a.ct?.status === b.ct?.status &&
  a.ct?.state === b.ct?.state &&
  differInNumbersOnly(a, b)
