import type { DumpMemory } from '@hopscope/netlink'

/**
 * What each table of a namespace said when it was last put into the store: mostly it says the same again, and is then
 * neither decoded nor compared record by record.
 */
export type Memories = {
  links: DumpMemory
  addresses: DumpMemory
  routes: DumpMemory
  rules: DumpMemory
  neighbours: DumpMemory
  proxies: DumpMemory
  fdb: DumpMemory
}

export function createMemories(): { of(netns: string): Memories; forget(netns: string): void; clear(): void } {
  const known = new Map<string, Memories>()
  return {
    of(netns) {
      let memories = known.get(netns)
      if (memories === undefined) {
        memories = { links: {}, addresses: {}, routes: {}, rules: {}, neighbours: {}, proxies: {}, fdb: {} }
        known.set(netns, memories)
      }
      return memories
    },
    forget: (netns) => void known.delete(netns),
    clear: () => known.clear(),
  }
}
