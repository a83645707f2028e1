import { type SearchEntry, type SearchIndex, searchEntries, type Topology } from '@hopscope/topology'
import { useEffect, useRef, useState } from 'react'
import type { Hosts } from '../../stream/hostStore.ts'
import { snapshotsOf } from '../../stream/topology.ts'

/** Milliseconds of one turn that go into the index; what is typed meanwhile is shown between the turns. */
const SLICE_MS = 8

/** Everything that can be found. Undefined until it was gathered once; a moment behind the hosts while they change. */
export function useSearchIndex(hosts: Hosts, topology: Topology): SearchIndex | undefined {
  const [index, setIndex] = useState<SearchIndex>()
  const wanted = useRef({ hosts, topology })
  const stop = useRef<() => void>(undefined)
  useEffect(
    () => () => {
      stop.current?.()
      stop.current = undefined
    },
    [],
  )
  useEffect(() => {
    wanted.current = { hosts, topology }
    const begin = (): void => {
      const { current } = wanted
      stop.current = gather(searchEntries(snapshotsOf(current.hosts), current.topology), (made) => {
        setIndex(made)
        stop.current = undefined
        // What changes faster than it can be gathered is gathered to its end all the same.
        if (wanted.current !== current) begin()
      })
    }
    if (!stop.current) begin()
  }, [hosts, topology])
  return index
}

/** Gathers the entries in slices, the first one at once, and then tells; the returned function ends it. */
function gather(entries: Iterator<SearchEntry>, tell: (made: SearchIndex) => void): () => void {
  const made: SearchEntry[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const slice = (): void => {
    const until = performance.now() + SLICE_MS
    for (let next = entries.next(); !next.done; next = entries.next()) {
      made.push(next.value)
      if (performance.now() < until) continue
      timer = setTimeout(slice)
      return
    }
    // Never before the caller has what ends it.
    timer = setTimeout(() => tell(made))
  }
  slice()
  return () => clearTimeout(timer)
}
