import { type Container, type HostSnapshot, type LinkRef, type Netns, recordsOf } from '@hopscope/model'
import type { PathWords } from './codes.ts'
import { fill } from './fill.ts'

/** What things are called. Records may be gone when a story is told: then the last thing known of them is said. */
export type Namer = {
  /** A namespace as a person calls it: the host, container web, namespace blue. */
  place(netns: string, words: PathWords): string
  link(link: LinkRef): string
  /** The words before a command that is to run there; none for the host itself. */
  enter(netns: string): readonly string[]
}

/** Names as a snapshot has them. */
export function namerOf(snapshot: HostSnapshot): Namer {
  const { netns } = snapshot.records
  const containers = new Map<string, Container>()
  for (const container of recordsOf(snapshot, 'container')) {
    // Of those that share a namespace, the one that it was made for.
    if (container.netns !== undefined && !container.networkMode.startsWith('container:'))
      containers.set(container.netns, container)
  }
  return {
    place(id, words) {
      if (id === snapshot.host.rootNetns) return words.places.root
      const container = containers.get(id)
      if (container) return fill(words.places.container, { name: container.name })
      const name = nameOf(netns[id])
      if (name !== undefined) return fill(words.places.netns, { name })
      return fill(words.places.unnamed, { name: id.slice(3) })
    },
    link: ({ name }) => name,
    enter: (id) => (id === snapshot.host.rootNetns ? [] : wordsInto(id, netns[id])),
  }
}

const nameOf = (netns: Netns | undefined): string | undefined => netns?.names.find((n) => n.by === 'iproute2')?.name

function wordsInto(id: string, netns: Netns | undefined): readonly string[] {
  const name = nameOf(netns)
  if (name !== undefined) return ['ip', 'netns', 'exec', name]
  const [process] = netns?.processes ?? []
  if (process) return ['nsenter', '-t', String(process.pid), '-n']
  return ['nsenter', `--net=${netns?.path ?? id}`]
}
