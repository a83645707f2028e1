import type { Expect } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import { dumpLinks, NETLINK, withNetlink } from '@hopscope/netlink'
import { inNetns } from '../observe/namespaces.ts'

/** What of the expectations does not hold, asked of the kernel at this moment; undefined when all do. In words. */
export function unmet(snapshot: HostSnapshot, expects: readonly Expect[]): string | undefined {
  for (const expect of expects) {
    const why = whyNot(snapshot, expect)
    if (why !== undefined) return why
  }
  return undefined
}

function whyNot(snapshot: HostSnapshot, expect: Expect): string | undefined {
  switch (expect.kind) {
    case 'noNetns': {
      const taken = Object.values(snapshot.records.netns).some(({ names }) =>
        names.some(({ by, name }) => by === 'iproute2' && name === expect.name),
      )
      return taken ? `there is a namespace ${expect.name} now` : undefined
    }
    case 'noLink': {
      const names = linksIn(snapshot, expect.place)
      if (names === undefined) return `the namespace ${expect.place} is gone`
      return [...names.values()].includes(expect.name) ? `there is a link ${expect.name} now` : undefined
    }
    case 'record': {
      if (expect.of === 'netns') return linksIn(snapshot, expect.id) ? undefined : `the namespace ${expect.id} is gone`
      if (expect.of !== 'link') {
        const found = snapshot.records[expect.of][expect.id]
        return found ? undefined : `${expect.name ?? expect.id} is gone`
      }
      const link = snapshot.records.link[expect.id]
      const name = link && linksIn(snapshot, link.netns)?.get(link.index)
      return name !== undefined && name === expect.name ? undefined : `the link ${expect.name} is gone or renamed`
    }
  }
}

/** Names of the links of a namespace, by index; undefined when it is gone, or another one has its number. */
function linksIn(snapshot: HostSnapshot, place: string): Map<number, string> | undefined {
  const netns = snapshot.records.netns[place]
  if (netns === undefined) return undefined
  const found = inNetns(netns, (fd) =>
    withNetlink(netns.root ? null : fd, NETLINK.ROUTE, (socket) =>
      dumpLinks(socket).map(({ index, name }) => [index, name] as const),
    ),
  )
  return found === 'gone' ? undefined : new Map(found)
}
