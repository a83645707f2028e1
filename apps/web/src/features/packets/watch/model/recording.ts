import {
  containerSchema,
  emptySnapshot,
  type Hop,
  type HostSnapshot,
  hostInfoSchema,
  netnsSchema,
  recordsOf,
} from '@hopscope/model'
import { flowText, type Namer, type PathLanguage, sayOutcome } from '@hopscope/path'
import { filterTextSchema, readMessage, type ToldStory, toldStorySchema, traceSummarySchema } from '@hopscope/protocol'
import { pcapFile, saySummary, storyText } from '@hopscope/trace'
import { z } from 'zod'
import { gapSchema } from './gaps.ts'
import { byId, keptRulesSchema, recordsOfRules, rulesMet } from './keptRules.ts'

const parts = {
  hopscope: z.literal('packets'),
  host: hostInfoSchema,
  netns: z.array(netnsSchema).max(10_000),
  containers: z.array(containerSchema).max(10_000),
  filter: filterTextSchema,
  /** Milliseconds since the epoch. */
  began: z.number(),
  stories: z.array(toldStorySchema).max(10_000),
  /** How many packets there were: more than `stories` when they came too fast. */
  shown: z.number().int().nonnegative(),
  partial: z.number().int().nonnegative(),
  overruns: z.number().int().nonnegative(),
  summary: traceSummarySchema.optional(),
}
/**
 * Packets of a tracing with all that it takes to tell of them when their host is not at hand: kept in the browser, and as a file. Of the host
 * it has what places are called, and the rules that the packets met.
 */
const recordingSchema = z.strictObject({
  ...parts,
  version: z.literal(2),
  /** Absent while they are those of the host at hand, where there are too many for a file, and in what an earlier version kept. */
  rules: keptRulesSchema.optional(),
  /** Absent where it was not written down when something was missing. */
  gaps: z.array(gapSchema).max(10_000).optional(),
})
export type Recording = z.infer<typeof recordingSchema>
/** Earlier ones had no rules. */
const fileSchema = z.discriminatedUnion('version', [
  z.strictObject({ ...parts, version: z.literal(1) }),
  recordingSchema,
])

/** Bytes of a file that is read. */
export const LARGEST_FILE = 10 * 1024 * 1024
export type ReadRecording =
  | { recording: Recording }
  | { wrong: 'TOO_LARGE' | 'NOT_JSON' | 'FOREIGN' }
  | { wrong: 'UNREADABLE'; where: string; why: string }

/** A file that was made by `recordingText`, or why it is none. */
export function readRecording(text: string): ReadRecording {
  if (text.length > LARGEST_FILE) return { wrong: 'TOO_LARGE' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    // Cut off, something else, or brackets within brackets without end.
    if (error instanceof SyntaxError || error instanceof RangeError) return { wrong: 'NOT_JSON' }
    throw error
  }
  if (!z.object({ hopscope: z.literal('packets') }).safeParse(value).success) return { wrong: 'FOREIGN' }
  const read = readMessage(fileSchema, value)
  if (read.success) return { recording: { ...read.data, version: 2 } }
  return { wrong: 'UNREADABLE', where: read.path.map(String).slice(0, 8).join('.'), why: read.why }
}

/**
 * The same packets as far as they are on the list now, with the names of the places that they came through and the rules of the snapshot
 * that they met there. Where a file would be too large with the rules, it has none.
 */
export function recordingText({ rules: _, ...recording }: Recording, snapshot: HostSnapshot): string {
  const hops = recording.stories.flatMap(({ way }) => way.hops)
  const through = new Set(hops.flatMap(placesOf))
  // What came while they were traced has its name from now, and what has gone from then.
  const now = namesIn(snapshot)
  const netns = Object.values(byId([...recording.netns, ...now.netns])).filter(({ id }) => through.has(id))
  const containers = Object.values(byId([...recording.containers, ...now.containers])).filter(
    (one) => one.netns !== undefined && through.has(one.netns),
  )
  const named: Recording = { ...recording, netns, containers }
  const rules = rulesMet(hops, snapshot)
  // What was kept without them is not kept with none of them: it says still that it lacks them.
  const whole = rules.chains.length > 0 ? JSON.stringify({ ...named, rules } satisfies Recording) : undefined
  if (whole !== undefined && whole.length <= LARGEST_FILE) return whole
  return JSON.stringify({ ...named, stories: named.stories.map(withoutMet) })
}

/** Without rules there is nothing to ask again: what they could ask of a packet is not kept. */
function withoutMet(story: ToldStory): ToldStory {
  const hops = story.way.hops.map((hop): Hop => {
    if (hop.kind !== 'chain') return hop
    const { met: _, ...rest } = hop
    return rest
  })
  return { ...story, way: { ...story.way, hops } }
}

/** Whether it was kept without the rules that its packets met. */
export const lacksRules = ({ rules, stories }: Pick<Recording, 'rules' | 'stories'>): boolean =>
  rules === undefined && stories.some(({ way }) => way.hops.some(({ kind }) => kind === 'chain'))

/** As `hopscope trace` prints it. */
export function recordingLines(recording: Recording, telling: { language: PathLanguage; namer: Namer }): string {
  const { stories, summary } = recording
  const told = stories.map((story) => storyText(story, new Date(story.at), telling))
  return [...told, ...(summary ? saySummary({ ...summary, unsent: unsentOf(recording) }, telling) : []), ''].join('\n')
}

export const recordingPcap = ({ stories }: Pick<Recording, 'stories'>): Uint8Array =>
  pcapFile(
    stories.flatMap(({ at, head }) => (head ? [{ at, ...head }] : [])),
    0,
  )

/** What it knows of its host. */
export function snapshotOf({ host, netns, containers, rules }: Recording): HostSnapshot {
  const { records } = emptySnapshot(host)
  const named = { netns: byId(netns), container: byId(containers) }
  return { host, records: { ...records, ...named, ...(rules && recordsOfRules(rules)) } }
}

export const namesIn = (snapshot: HostSnapshot): Pick<Recording, 'host' | 'netns' | 'containers'> => ({
  host: snapshot.host,
  netns: recordsOf(snapshot, 'netns'),
  containers: recordsOf(snapshot, 'container'),
})

/** Packets that were traced and did not come here. */
export const unsentOf = ({ stories, shown, summary }: Pick<Recording, 'stories' | 'shown' | 'summary'>): number =>
  Math.max(0, (summary?.shown ?? shown) - stories.length)

/** The namespaces that a packet came through, in order. */
export const placesOfStory = ({ way }: ToldStory): string[] => [...new Set(way.hops.map(({ netns }) => netns))]

/** Whether all these words are somewhere in what is said of a packet. */
export function isSaid(
  story: ToldStory,
  words: readonly string[],
  { namer, language }: { namer: Namer; language: PathLanguage },
): boolean {
  if (words.length === 0) return true
  const { flow, way } = story
  const text = `${flow ? flowText(flow) : ''} ${sayOutcome(way.outcome, language, namer)}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

function placesOf(hop: Hop): string[] {
  return hop.kind === 'veth' || hop.kind === 'macvlan' ? [hop.netns, hop.from.netns, hop.to.netns] : [hop.netns]
}
