import type { Expect, Reason } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import { dumpLinks, NETLINK, withNetlink } from '@hopscope/netlink'
import { inNetns } from '../observe/namespaces.ts'

/** What of the expectations does not hold, asked of the kernel at this moment; undefined when all do. */
export function unmet(snapshot: HostSnapshot, expects: readonly Expect[]): Reason | undefined {
  for (const expect of expects) {
    const why = whyNot(snapshot, expect)
    if (why !== undefined) return why
  }
  return undefined
}

function whyNot(snapshot: HostSnapshot, expect: Expect): Reason | undefined {
  switch (expect.kind) {
    case 'noNetns': {
      const taken = Object.values(snapshot.records.netns).some(({ names }) =>
        names.some(({ by, name }) => by === 'iproute2' && name === expect.name),
      )
      return taken ? { code: 'NOW_NETNS_THERE', params: { netns: expect.name } } : undefined
    }
    case 'noLink': {
      const names = linksIn(snapshot, expect.place)
      if (names === undefined) return netnsGone(expect.place)
      if (![...names.values()].includes(expect.name)) return undefined
      return { code: 'NOW_LINK_THERE', params: { link: expect.name } }
    }
    case 'record': {
      if (expect.of === 'netns') return linksIn(snapshot, expect.id) ? undefined : netnsGone(expect.id)
      if (expect.of !== 'link') {
        const found = snapshot.records[expect.of][expect.id]
        return found ? undefined : { code: 'NOW_GONE', params: { name: expect.name ?? expect.id } }
      }
      const link = snapshot.records.link[expect.id]
      const name = link && linksIn(snapshot, link.netns)?.get(link.index)
      if (name !== undefined && name === expect.name) return undefined
      return { code: 'NOW_LINK_GONE', params: { link: expect.name ?? expect.id } }
    }
  }
}

const netnsGone = (netns: string): Reason => ({ code: 'NOW_NETNS_GONE', params: { netns } })

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
