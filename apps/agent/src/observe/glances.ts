import {
  type Ghost,
  GLANCED,
  type Glanced,
  type GlancedTable,
  type GlancePlace,
  glance,
  insideNetns,
  neighboursSayTheSame,
} from '@hopscope/netlink'
import type { NetnsEntry } from './contract.ts'
import type { Look } from './doubts.ts'
import type { Memories, MemoryStore } from './memories.ts'
import { inNetns } from './namespaces.ts'
import type { PeerFinder } from './peers.ts'
import { failureOf } from './sourceState.ts'

type Options = {
  memories: MemoryStore
  peers: Pick<PeerFinder, 'trust' | 'lost'>
  /** Looks at the other ends of links that lead to nobody known. */
  readLost: (netns: string) => void
  /** These have to be read. */
  changed: (netns: string, tables: readonly GlancedTable[]) => void
}
type Place = GlancePlace & { netns: string; memory: Memories; ghosts: readonly Ghost[] }
const NONE: readonly Ghost[] = []

/** Finds out which main tables say what they said, where everything has to be read though nothing is known to have changed. */
export type Glances = {
  look: Look
  /** Whether neighbours are as they were, at a third of the cost of reading them; false, too, when that cannot be seen. */
  neighboursHold(entry: NetnsEntry): boolean
  /** Takes no namespace for the one that it was any more. */
  forget(): void
}

export function createGlances({ memories, peers, readLost, changed }: Options): Glances {
  /** Found to be the namespaces that they were. */
  const verified = new Set<string>()

  const placeOf = ({ id, root, path }: NetnsEntry): Place | undefined => {
    const memory = memories.of(id)
    if (memory.cookie === undefined) return undefined
    // Elsewhere, who is behind an id has to be asked, which is more than a glance.
    const ghosts = (root && memory.seen?.ghosts) || NONE
    return { netns: id, path: root ? null : path, cookie: memory.cookie, memories: memory, ghosts, memory }
  }

  /** An id that a link names stands for what it stood for when both namespaces are the ones before. */
  const leadsWhereItLed = ({ netns, memory: { seen } }: Place): boolean => {
    if (seen === undefined) return false
    for (const target of seen.targets) if (!verified.has(target)) return false
    return peers.trust(netns)
  }

  const judge = (place: Place, same: ReadonlySet<Glanced>) => {
    const { seen } = place.memory
    const linksHold = same.has('links') && leadsWhereItLed(place)
    const holds = (table: GlancedTable): boolean => {
      if (table === 'links') return linksHold
      // Where nothing has a CAM table, there is none to be read; whether something has one is the links' to tell.
      if (table === 'fdb') return linksHold && (same.has(table) || seen?.hasTable === false)
      return same.has(table)
    }
    if (!GLANCED.every(holds))
      changed(
        place.netns,
        GLANCED.filter((table) => !holds(table)),
      )
    if (!linksHold || seen === undefined || seen.lost.length === 0) return
    if (!same.has('ghosts') || !peers.lost(place.ghosts)) readLost(place.netns)
  }

  return {
    look(entries, isOver) {
      const seen = new Map<Place, ReadonlySet<Glanced>>()
      const unseen: NetnsEntry[] = []
      let done = 0
      function* places(): Generator<Place> {
        for (const entry of entries) {
          if (done > 0 && isOver()) return
          done++
          // We are in it: it cannot have ended.
          if (entry.root) verified.add(entry.id)
          const place = placeOf(entry)
          if (place) yield place
          else unseen.push(entry)
          if (place && !seen.has(place)) unseen.push(entry)
        }
      }
      glance(places(), (place, same) => {
        verified.add(place.netns)
        seen.set(place, same)
      })
      for (const [place, same] of seen) judge(place, same)
      for (const { id } of unseen) changed(id, GLANCED)
      return entries.slice(done)
    },
    neighboursHold(entry) {
      const look = () => neighboursSayTheSame(memories.of(entry.id))
      try {
        return inNetns(entry, (fd) => insideNetns(entry.root ? null : fd, look)) === true
      } catch (error) {
        // Whoever reads then meets the same refusal, and states it.
        failureOf(error)
        return false
      }
    },
    forget: () => verified.clear(),
  }
}
