import type { PatchMessage, Version } from '@hopscope/protocol'

const MOST_PATCHES = 256
// Beyond this many changed records a snapshot is the shorter way.
const MOST_CHANGES = 20_000

/** The latest patches of one host, without a gap. A page that was away for a moment gets these instead of a snapshot. */
export type Ring = {
  push(patch: PatchMessage): void
  clear(): void
  /** The patches from a version to the newest one; undefined when they are not all here. */
  since(version: Version): PatchMessage[] | undefined
}

export function createRing(): Ring {
  let patches: PatchMessage[] = []
  let changes = 0
  return {
    push(patch) {
      patches.push(patch)
      changes += size(patch)
      while (patches.length > MOST_PATCHES || (changes > MOST_CHANGES && patches.length > 0)) {
        const oldest = patches.shift()
        if (oldest) changes -= size(oldest)
      }
    },
    clear() {
      patches = []
      changes = 0
    },
    since({ epoch, revision }) {
      const at = patches.findIndex((p) => p.epoch === epoch && p.from === revision)
      return at < 0 ? undefined : patches.slice(at)
    },
  }
}

function size({ diff }: PatchMessage): number {
  let n = 0
  for (const kind of Object.values(diff))
    n += (kind.put?.length ?? 0) + (kind.set?.length ?? 0) + (kind.del?.length ?? 0)
  return n
}
