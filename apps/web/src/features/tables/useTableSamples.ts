import type { SampleTopic } from '@hopscope/model'
import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'
import type { Sampled } from '../../stream/samplesStore.ts'
import { stream } from '../../stream/socket.ts'

type Held = ReadonlyMap<string, Sampled<SampleTopic>>

/** The latest counters of one topic of several hosts, by host id. Sampled only while the component is there. */
export function useTableSamples(hostIds: readonly string[], topic: SampleTopic | undefined): Held {
  const key = hostIds.join('\n')
  const last = useRef<Held>(NONE)
  useEffect(() => {
    if (!topic || !key) return
    const ends = key.split('\n').map((id) => stream.samples.watch(id, topic))
    return () => {
      for (const end of ends) end()
    }
  }, [key, topic])
  const read = useCallback((): Held => {
    if (!topic || !key) return NONE
    const now = new Map<string, Sampled<SampleTopic>>()
    for (const id of key.split('\n')) {
      const sampled = stream.samples.get(id, topic)
      if (sampled) now.set(id, sampled)
    }
    // The same map until one of them is new: React compares by identity.
    const same = now.size === last.current.size && [...now].every(([id, s]) => last.current.get(id) === s)
    if (!same) last.current = now
    return last.current
  }, [key, topic])
  return useSyncExternalStore(stream.subscribe, read, read)
}

const NONE: Held = new Map()
