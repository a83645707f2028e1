import { type Container, emptySnapshot, type HostSnapshot, type Link, type Records } from '@hopscope/model'
import { parseLink } from '../kinds/linkOption.ts'
import { isBridge, isChild } from '../kinds/role.ts'
import { isOwnRule } from '../ownPorts.ts'
import { bridgeState, linkState } from '../state.ts'
import { listOf, tableOf } from './lists.ts'
import { farNetns, type Touched } from './touched.ts'

/**
 * The host as if it had only what was touched, with the bridges, NICs and networks of its root namespace. Undefined when what
 * was touched is not plain: when other objects look different because of it, or it because of others.
 */
export function excerptOf(host: HostSnapshot, touched: Touched): HostSnapshot | undefined {
  const links = linksIn(host, touched)
  const containers = containersIn(host, touched)
  if (!links || !containers) return undefined
  const { rootNetns } = host.host
  const here = (r: { netns: string }): boolean => touched.netns.has(r.netns)
  const inRoot = new Set(links.flatMap((l) => (l.netns === rootNetns ? [l.index] : [])))
  const records: Partial<Records> = {
    link: tableOf(links),
    container: tableOf(containers),
    netns: tableOf(listOf(host, 'netns').filter((n) => n.id === rootNetns || touched.netns.has(n.id))),
    address: tableOf(listOf(host, 'address').filter((a) => here(a) || (a.netns === rootNetns && inRoot.has(a.index)))),
    route: tableOf(listOf(host, 'route').filter(here)),
    sysctl: tableOf(listOf(host, 'sysctl').filter((s) => s.netns === rootNetns || here(s))),
    fwRule: tableOf(listOf(host, 'fwRule').filter(isOwnRule)),
    dockerNetwork: host.records.dockerNetwork,
    dockerEngine: host.records.dockerEngine,
  }
  return { host: host.host, records: { ...emptySnapshot(host.host).records, ...records } }
}

/** All links of the touched namespaces and the veths to them, and what else the root namespace has; undefined when one is not plain. */
function linksIn(host: HostSnapshot, { netns }: Touched): Link[] | undefined {
  const { rootNetns } = host.host
  const links: Link[] = []
  const ports: Link[] = []
  const children: Link[] = []
  for (const link of listOf(host, 'link')) {
    const far = farNetns(link)
    const inside = netns.has(link.netns)
    const port = link.netns === rootNetns && far !== undefined && netns.has(far)
    if (inside && !isPlain(link, rootNetns)) return undefined
    // Something else that leads into a touched namespace.
    if (!inside && !port && typeof link.linkNetns === 'string' && netns.has(link.linkNetns)) return undefined
    if (isChild(link)) children.push(link)
    if (port) ports.push(link)
    if (inside || port || (link.netns === rootNetns && link.info.kind !== 'veth')) links.push(link)
  }
  const inRoot = new Map(links.flatMap((l) => (l.netns === rootNetns ? [[l.index, l] as const] : [])))
  const bare = ports.every((port) => isBarePort(port, { children, inRoot, host }))
  return bare ? links : undefined
}

/** An end of a veth to the root namespace, or a link of its own. */
const isPlain = (link: Link, rootNetns: string): boolean =>
  !isBridge(link) &&
  !isChild(link) &&
  link.info.kind !== 'vxlan' &&
  link.master === undefined &&
  (link.linkNetns === undefined || link.linkNetns === rootNetns)

type Around = { children: readonly Link[]; inRoot: ReadonlyMap<number, Link>; host: HostSnapshot }

/** Nothing hangs from the port, and its bridge looks the same with and without it. */
function isBarePort(port: Link, { children, inRoot, host }: Around): boolean {
  const bridge = port.master === undefined ? undefined : inRoot.get(port.master)
  if (!bridge || !isBridge(bridge) || bridgeState(bridge, 0) !== linkState(bridge)) return false
  if (children.some((child) => child.iflink === port.index)) return false
  return listOf(host, 'dockerNetwork').every((n) => n.parent !== port.name && n.bridge !== port.name)
}

/** The touched containers and all others in the touched namespaces; undefined when one has to do with another container. */
function containersIn(host: HostSnapshot, touched: Touched): Container[] | undefined {
  const mine: Container[] = []
  const named = new Set<string>()
  const taken = new Set<string>()
  let leftOver = false
  for (const c of listOf(host, 'container')) {
    const isMine = touched.containers.has(c.id) || (c.netns !== undefined && touched.netns.has(c.netns))
    const names = namesIn(c)
    for (const name of names) named.add(name)
    leftOver ||= c.netns === undefined && c.networkMode.startsWith('container:')
    if (!isMine) continue
    if (names.length > 0 || c.networkMode === 'host' || (c.netns !== undefined && taken.has(c.netns))) return undefined
    if (c.netns !== undefined) taken.add(c.netns)
    mine.push(c)
  }
  if (mine.some((c) => named.has(c.name) || named.has(c.containerId))) return undefined
  // Those without a namespace stand in the order of their ids only while nobody waits for a namespace of another.
  return leftOver && mine.some((c) => c.netns === undefined) ? undefined : mine
}

/** The containers that a container names: the one whose namespace it shares, and those it has links to. */
function namesIn({ networkMode, links, attachments }: Container): string[] {
  const shared = networkMode.startsWith('container:') ? [networkMode.slice('container:'.length)] : []
  const linked = attachments.some((a) => a.links.length > 0) ? attachments.flatMap((a) => a.links) : []
  if (links.length + linked.length === 0) return shared
  return [...shared, ...[...links, ...linked].map((text) => parseLink(text).name)]
}
