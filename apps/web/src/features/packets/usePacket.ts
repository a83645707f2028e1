import { namerOf } from '@hopscope/path'
import { useMemo, useRef } from 'react'
import { useSnapshot } from '../../stream/hooks.ts'
import { useSettled } from '../../ui/useSettled.ts'
import { type OpenPackets, useOpenPackets } from './location.ts'
import { answer, questionText, typedOf } from './model/answer.ts'
import type { Telling } from './model/telling.ts'
import { type NamedWay, stepsOf, waysUpTo } from './model/walk.ts'
import { useWayOnMap } from './onMap.ts'
import { besideOnMap, type Proving, proofOf } from './proof/proving.ts'

/** The packet of the pane: its answer on the host as it is now, what of its way is shown, and how to go on. */
export function usePacket(packets: OpenPackets, proving: Proving) {
  const [, open] = useOpenPackets()
  const { hostId, from, to, protocol, port, hop, lesson } = packets
  const snapshot = useSnapshot(hostId)
  const answered = useMemo(
    () => snapshot && answer(typedOf({ from, to, protocol, port }), snapshot),
    [snapshot, from, to, protocol, port],
  )
  const telling = useMemo<Telling | undefined>(
    () => snapshot && { hostId, snapshot, namer: namerOf(snapshot) },
    [hostId, snapshot],
  )
  const ways = answered?.kind === 'predicted' ? answered.ways : NO_WAYS
  const steps = useMemo(() => stepsOf(ways), [ways])
  const wanted = hop ?? (lesson ? 0 : undefined)
  const at = wanted === undefined || steps.length === 0 ? undefined : Math.min(wanted, steps.length - 1)
  // What is to be guessed is neither in the list nor on the map.
  const shown = useMemo(() => (lesson ? waysUpTo(ways, at ?? 0) : ways), [lesson, ways, at])
  const typed = questionText(typedOf(packets))
  const isTyped = useSettled(typed, TYPING_MS) !== typed
  const onMap = useRef(shown)
  if (!isTyped) onMap.current = shown
  // In a lesson nothing is told beforehand.
  const proof = answered?.kind === 'predicted' && !lesson ? proofOf(proving, answered.prediction.query) : undefined
  const beside = useMemo(() => proof && besideOnMap(proof), [proof])
  useWayOnMap({ hostId, ways: onMap.current.length > 0 ? onMap.current : undefined, at, beside })
  const { hop: _, lesson: __, ...question } = packets
  return {
    snapshot,
    answered,
    telling,
    steps,
    at,
    shown,
    beside,
    ask: (next: Partial<OpenPackets>) => void open({ ...question, ...next }),
    step: (next: number) => void open({ ...packets, hop: next }),
    close: () => void open(null),
  }
}

/** Milliseconds after the last letter when the map follows: what is on a way is opened there, which no letter should wait for. */
const TYPING_MS = 150

const NO_WAYS: readonly NamedWay[] = []
