import type { SampleTopic } from '@hopscope/model'

/** Which samples each page wants of each host. */
export type Watches = {
  /** Replaces what the page wanted of the host. Returns whether the union over all pages changed. */
  set(page: string, hostId: string, topics: SampleTopic[]): boolean
  /** Forgets a page. Returns the hosts whose union changed. */
  drop(page: string): string[]
  union(hostId: string): SampleTopic[]
  /** The pages that want samples of the host, and their topics. */
  of(hostId: string): Iterable<[page: string, topics: readonly SampleTopic[]]>
}

export function createWatches(): Watches {
  const byHost = new Map<string, Map<string, SampleTopic[]>>()
  const union = (hostId: string): SampleTopic[] => [...new Set([...(byHost.get(hostId)?.values() ?? [])].flat())].sort()

  function set(page: string, hostId: string, topics: SampleTopic[]): boolean {
    const before = union(hostId).join()
    const pages = byHost.get(hostId) ?? new Map<string, SampleTopic[]>()
    if (topics.length) byHost.set(hostId, pages.set(page, topics))
    else pages.delete(page)
    if (!pages.size) byHost.delete(hostId)
    return union(hostId).join() !== before
  }

  return {
    set,
    drop: (page) => [...byHost.keys()].filter((hostId) => set(page, hostId, [])),
    union,
    of: (hostId) => byHost.get(hostId) ?? [],
  }
}
