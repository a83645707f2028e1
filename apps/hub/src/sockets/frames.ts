import { type PartPlan, type PatchMessage, partOf, planParts, type SnapshotMessage } from '@hopscope/protocol'
import type { Hosts } from '../hosts/hosts.ts'
import { encode, type Frame } from './frame.ts'

// Pages that catch up together ask for the same frames within moments of each other.
const MOST_KEPT = 8 * 1024 * 1024
const KEPT = 5_000
/** A snapshot that is this many patches old is still a good start. */
const MOST_PATCHES_LATER = 64

/** A snapshot on its way to pages, in one frame or several. */
export type Offer = { message: SnapshotMessage; frames: number; frame(at: number): Frame }

/** What several pages are sent, encoded once for all of them and kept for those that come a little later. */
export type Frames = {
  patch(message: PatchMessage): Frame
  /** The snapshot, or one of a moment ago that others are sent already and from which patches lead on. */
  offer(message: SnapshotMessage): Offer
  close(): void
}

export function createFrames(hosts: Pick<Hosts, 'since'>): Frames {
  // In the order of their last use.
  const kept = new Map<object, Frame>()
  const offers = new Map<string, Offer>()
  let bytes = 0
  let timer: NodeJS.Timeout | undefined

  function clear(): void {
    kept.clear()
    offers.clear()
    bytes = 0
    timer = undefined
  }
  function drop(key: object): void {
    bytes -= kept.get(key)?.bytes ?? 0
    kept.delete(key)
  }
  function keep(key: object, make: () => Frame): Frame {
    const frame = kept.get(key) ?? make()
    drop(key)
    kept.set(key, frame)
    bytes += frame.bytes
    for (const oldest of kept.keys()) {
      if (bytes <= MOST_KEPT) break
      drop(oldest)
    }
    // Once it is quiet nothing is kept for nobody.
    if (timer) timer.refresh()
    else timer = setTimeout(clear, KEPT).unref()
    return frame
  }
  function isGoodStart({ message: { hostId, version } }: Offer): boolean {
    const news = hosts.since(hostId, version)
    return news !== undefined && 'patches' in news && news.patches.length <= MOST_PATCHES_LATER
  }

  return {
    patch: (message) => keep(message, () => encode('patch', message)),
    offer(message) {
      const last = offers.get(message.hostId)
      if (last && isGoodStart(last)) return last
      const plan = planParts(message)
      const offer: Offer = plan
        ? {
            message,
            frames: plan.parts.length,
            frame: (at) => keep(sliceOf(plan, at), () => encode('part', partOf(plan, at))),
          }
        : { message, frames: 1, frame: () => keep(message, () => encode('snapshot', message)) }
      offers.set(message.hostId, offer)
      return offer
    },
    close: () => clearTimeout(timer),
  }
}

function sliceOf({ parts }: PartPlan, at: number): object {
  const slice = parts[at]
  if (!slice) throw new Error(`a snapshot of ${parts.length} parts has no part ${at}`)
  return slice
}
