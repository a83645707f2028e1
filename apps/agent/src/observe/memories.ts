import type { Link } from '@hopscope/model'
import type { DumpMemory, Ghost, Link as KernelLink } from '@hopscope/netlink'
import type { ReadLinks } from './links.ts'

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
  /** Of the namespace itself (`netnsCookie`), where the kernel has such a number. */
  cookie?: number | undefined
  /** What its links say of others. */
  seen?: SeenLinks
}

export type SeenLinks = {
  /** Namespaces that links lead to. */
  targets: ReadonlySet<string>
  /** Links that lead to nobody who is known, and what was seen there. */
  lost: readonly KernelLink[]
  ghosts: readonly Ghost[]
  /** Whether one has a CAM table or tunnel ends. */
  hasTable: boolean
}

export type MemoryStore = { of(netns: string): Memories; forget(netns: string): void; clear(): void }

export function createMemories(): MemoryStore {
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

export function seenLinks({ links, lost, ghosts }: ReadLinks): SeenLinks {
  return {
    targets: new Set(links.flatMap(({ linkNetns }) => linkNetns ?? [])),
    lost,
    ghosts,
    hasTable: links.some(hasTable),
  }
}

export const hasTable = ({ info }: Link): boolean => !NO_TABLE.has(info.kind)

/** Of other kinds the kernel lists only what the device itself lets through. */
const NO_TABLE: ReadonlySet<string> = new Set([
  'device',
  'veth',
  'macvlan',
  'macvtap',
  'ipvlan',
  'dummy',
  'tun',
  'vlan',
  'wireguard',
])
