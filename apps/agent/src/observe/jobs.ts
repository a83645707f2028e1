/** Work on namespaces, a few at a time, and never twice at once on the same one. */
export type Jobs = {
  /** Does the work for a namespace soon; when it is being done already, once more afterwards. */
  add(netns: string): void
  pending(): boolean
  close(): void
}

export function createJobs(limit: number, work: (netns: string) => Promise<void>): Jobs {
  const waiting = new Set<string>()
  const active = new Set<string>()
  let closed = false

  const next = () => {
    for (const netns of waiting) {
      if (closed || active.size >= limit) return
      if (active.has(netns)) continue
      waiting.delete(netns)
      active.add(netns)
      // A failure that the work lets through is a broken promise of its own, and ends the process as such.
      void work(netns).finally(() => {
        active.delete(netns)
        next()
      })
    }
  }
  return {
    add(netns) {
      if (closed) return
      waiting.add(netns)
      next()
    },
    pending: () => waiting.size > 0 || active.size > 0,
    close() {
      closed = true
      waiting.clear()
    },
  }
}
