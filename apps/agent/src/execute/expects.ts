import { type Difference, dockerText, type Expect, type Reason, routeWords } from '@hopscope/command'
import { type HostSnapshot, linkId, recordsOf } from '@hopscope/model'
import { dumpLinks, NETLINK, withNetlink } from '@hopscope/netlink'
import { inNetns } from '../observe/namespaces.ts'

/**
 * What of the expectations does not hold, with what is there instead; undefined when all do. Links and namespaces are asked of
 * the kernel at this moment, the rest is as the snapshot has it, which should have caught up.
 */
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
      const taken = Object.values(snapshot.records.netns).find(({ names }) =>
        names.some(({ by, name }) => by === 'iproute2' && name === expect.name),
      )
      return taken && { code: 'NOW_NETNS_THERE', params: { netns: expect.name }, difference: { found: taken.id } }
    }
    case 'noLink': {
      const links = linksIn(snapshot, expect.place)
      if (links === undefined) return netnsGone(expect.place)
      const taken = [...links.values()].find(({ name }) => name === expect.name)
      return (
        taken && { code: 'NOW_LINK_THERE', params: { link: expect.name }, difference: { found: textOf(taken, links) } }
      )
    }
    case 'record':
      if (expect.of === 'link') return whyNotLink(snapshot, expect)
      if (expect.of === 'netns') return linksIn(snapshot, expect.id) ? undefined : netnsGone(expect.id)
      return whyNotRecord(snapshot, expect)
  }
}

type Recorded = Extract<Expect, { kind: 'record' }>

function whyNotLink(snapshot: HostSnapshot, { id, name = id, was, master }: Recorded): Reason | undefined {
  const link = snapshot.records.link[id]
  const links = link && linksIn(snapshot, link.netns)
  const now = link && links?.get(link.index)
  if (now?.name === name && (master === undefined || now.master === master)) return undefined
  const other = now ?? [...(links?.values() ?? [])].find((one) => one.name === name)
  const code = now?.name === name ? 'NOW_PORT_MOVED' : 'NOW_LINK_GONE'
  return { code, params: { link: name }, difference: differs(was, other && links && textOf(other, links)) }
}

function whyNotRecord(snapshot: HostSnapshot, expect: Recorded): Reason | undefined {
  const { of, id, name, was } = expect
  const now = snapshot.records[of][id]
  const isSame = now !== undefined && (name === undefined || !('name' in now) || now.name === name)
  if (isSame) return undefined
  const found = insteadOf(snapshot, expect)
  const code = found === undefined ? 'NOW_GONE' : 'NOW_OTHER'
  return { code, params: { name: name ?? was ?? id }, difference: differs(was, found) }
}

/** What is in its place now: the same id under another name, the same name or destination with something else behind it. */
function insteadOf(snapshot: HostSnapshot, { of, id, name, was = '', place }: Recorded): string | undefined {
  switch (of) {
    case 'container': {
      const found = recordsOf(snapshot, of).find((one) => one.id === id || one.name === name)
      return found && dockerText(found.name, found.containerId)
    }
    case 'dockerNetwork': {
      const found = recordsOf(snapshot, of).find((one) => one.id === id || one.name === name)
      return found && dockerText(found.name, found.networkId)
    }
    case 'address': {
      const [address, , device] = was.split(' ')
      const found = recordsOf(snapshot, of).find(
        (one) => one.netns === place && `${one.local}/${one.prefixLength}` === address,
      )
      const holder = found && snapshot.records.link[linkId(found.netns, found.index)]?.name
      return holder !== undefined && holder !== device ? `${address} dev ${holder}` : undefined
    }
    case 'route': {
      const [dst] = was.split(' ')
      const found = recordsOf(snapshot, of).find((one) => one.netns === place && one.dst === dst)
      return found && routeWords(snapshot, found).join(' ')
    }
    default:
      return undefined
  }
}

const differs = (expected: string | undefined, found: string | undefined): Difference => ({
  ...(expected !== undefined && { expected }),
  ...(found !== undefined && { found }),
})

const netnsGone = (netns: string): Reason => ({
  ...{ code: 'NOW_NETNS_GONE', params: { netns } },
  difference: { expected: netns },
})

type Known = { index: number; name: string; master: number }

/** As "ip link" begins its lines. */
function textOf({ index, name, master }: Known, links: ReadonlyMap<number, Known>): string {
  return `${index}: ${name}${master === 0 ? '' : ` master ${links.get(master)?.name ?? master}`}`
}

/** The links of a namespace by index; undefined when it is gone, or another one has its number. */
function linksIn(snapshot: HostSnapshot, place: string): Map<number, Known> | undefined {
  const netns = snapshot.records.netns[place]
  if (netns === undefined) return undefined
  const found = inNetns(netns, (fd) =>
    withNetlink(netns.root ? null : fd, NETLINK.ROUTE, (socket) =>
      dumpLinks(socket).map(({ index, name, master = 0 }) => [index, { index, name, master }] as const),
    ),
  )
  return found === 'gone' ? undefined : new Map(found)
}
