import type { HostSnapshot } from '@hopscope/model'
import type { Change, Stories, TraceEnd, TracingLimit } from '@hopscope/protocol'
import type { FilterFault, TraceSummary } from '@hopscope/trace'
import { hub } from '../../../api/client.ts'
import { createSlot, useSlot } from '../../../shell/slot.ts'
import { stream } from '../../../stream/socket.ts'
import { pass } from '../passed.ts'
import { gapAtEnd, gapBefore } from './model/gaps.ts'
import { namesIn, type Recording } from './model/recording.ts'

type Reason = NonNullable<Change['reason']>
/** Why there are no packets, or no more of them. */
export type Trouble =
  | { kind: 'filter'; fault: FilterFault }
  | { kind: 'reason'; reason: Reason }
  /** The connection to the hub ended, and with it the tracing. */
  | { kind: 'cut' }
  /** The hub could not be asked, or refused. */
  | { kind: 'failed'; error: unknown }

/** The packets that this page has: being traced now, traced before, or read from a file. */
export type Watched = {
  state: 'starting' | 'running' | 'stopping' | 'over'
  /** Of the tracing, once it runs. */
  id?: string
  /** When it ends at the latest, milliseconds since the epoch. */
  until: number
  /** Of the tracing; absent in what was read. */
  limit?: TracingLimit
  /** Where it cannot be, known from the start. */
  places?: Pick<TraceSummary, 'namespaces' | 'unavailable' | 'legacy'>
  recording: Recording
  /** Packets that came while as many as may ran along their ways on the map. */
  unseen: number
  trouble?: Trouble
  /** It was read, and not traced from here. */
  isReplay?: boolean
}
export type Wanted = { hostId: string; filter: string; limit: TracingLimit; snapshot: HostSnapshot }

const slot = createSlot<Watched | undefined>(undefined)
const { get, set } = slot
/** Packets that came before the answer that says which tracing they are of. */
let early: Stories[] = []

/** What is watched on this page. It goes on while something else is looked at. */
export const useWatched = (): Watched | undefined => useSlot(slot)

/** What is watched at this moment. */
export const watchedNow = get

/** Shows packets that were kept; what runs is stopped. */
export function replay(recording: Recording): void {
  void stop()
  set({ state: 'over', until: 0, recording, unseen: 0, isReplay: true })
}

/** Begins to trace; what was watched before gives way once that is sure, which is the answer. */
export async function start({ hostId, filter, limit, snapshot }: Wanted): Promise<boolean> {
  const before = get()
  const began = Date.now()
  const fresh: Recording = {
    ...{ hopscope: 'packets', version: 2, ...namesIn(snapshot), filter, began },
    ...{ stories: [], shown: 0, partial: 0, overruns: 0, gaps: [] },
  }
  const until = began + limit.seconds * 1000
  const starting: Watched = { state: 'starting', until, limit, recording: fresh, unseen: 0 }
  early = []
  set(starting)
  const failed = (trouble: Trouble) => {
    // What was there is not lost by asking for more.
    if (get() === starting) set({ ...(before ?? { ...starting, state: 'over' }), trouble })
    return false
  }
  const page = stream.page
  if (page === undefined) return failed({ kind: 'cut' })
  try {
    const answer = await hub.tracing.start.mutate({ hostId, page, filter, limit })
    if (get() !== starting) {
      if (answer.kind === 'started') await hub.tracing.stop.mutate({ id: answer.id })
      return false
    }
    if (answer.kind === 'filter') return failed({ kind: 'filter', fault: answer.fault as FilterFault }) // of the same parser
    if (answer.kind === 'denied') return failed({ kind: 'reason', reason: answer.reason })
    if (answer.kind !== 'started') return failed({ kind: 'failed', error: new Error(answer.kind) })
    const { id, namespaces, unavailable, legacy } = answer
    set({ ...starting, state: 'running', id, places: { namespaces, unavailable, legacy } })
    for (const message of early) take(message)
    return true
  } catch (error) {
    return failed({ kind: 'failed', error })
  }
}

/** Ends what runs; its last packets and what it came to still arrive. */
export async function stop(): Promise<void> {
  const running = get()
  if (running?.state !== 'running' || running.id === undefined) return
  set({ ...running, state: 'stopping' })
  try {
    const answer = await hub.tracing.stop.mutate({ id: running.id })
    // As a rule the stream was faster.
    const now = get()
    if (answer.kind === 'denied' && now?.id === running.id && now.state === 'stopping')
      set({ ...now, state: 'over', trouble: { kind: 'reason', reason: answer.reason } })
  } catch (error) {
    const now = get()
    if (now?.id === running.id) set({ ...now, state: 'running', trouble: { kind: 'failed', error } })
  }
}

function take(message: Stories): void {
  const { hostId, id, stories, shown, partial, overruns } = message
  const now = get()
  if (now?.state === 'starting') {
    early.push(message)
    return
  }
  if (now?.id !== id || now.isReplay) return
  const { recording } = now
  const all = [...recording.stories, ...stories]
  const gaps = [...(recording.gaps ?? []), ...gapBefore(recording, message)]
  const unseen = now.unseen + pass({ hostId, stories })
  set({ ...now, unseen, recording: { ...recording, stories: all, shown, partial, overruns, gaps } })
}

function end({ id, end: how }: TraceEnd): void {
  const now = get()
  if (now?.id !== id || now.isReplay) return
  const { recording, places: _, ...rest } = now
  if ('summary' in how) {
    const { summary } = how
    const { shown, partial, overruns } = summary
    const gaps = [...(recording.gaps ?? []), ...gapAtEnd(recording, summary)]
    set({ ...rest, state: 'over', recording: { ...recording, shown, partial, overruns, gaps, summary } })
  } else set({ ...now, state: 'over', trouble: { kind: 'reason', reason: how.reason } })
}

stream.onTracing({
  stories: take,
  traced: end,
  gone() {
    const now = get()
    if (now !== undefined && now.state !== 'over') set({ ...now, state: 'over', trouble: { kind: 'cut' } })
  },
})
