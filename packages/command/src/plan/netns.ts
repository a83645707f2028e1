import { type HostSnapshot, type Link, type Netns, recordsOf } from '@hopscope/model'
import { ipOf } from '../argv.ts'
import { farLink, isBridge } from '../find.ts'
import { type Act, type Expect, type Phrase, Refused } from '../plan.ts'
import { goneWith } from '../restore/gone.ts'
import { remakeAll, restoreSettings } from '../restore/links.ts'
import { lostWith } from '../restore/lost.ts'
import type { Placing } from '../restore/placing.ts'
import { expectLinks, type Planners, phrase, single } from './context.ts'

export const netnsPlanners: Planners<'netns.add' | 'netns.delete'> = {
  'netns.add'(command, snapshot) {
    const { name } = command
    if (named(snapshot, name)) throw new Refused('NETNS_TAKEN', { name }, 'name')
    const title = phrase('netns.add', { name })
    const expects: Expect[] = [{ kind: 'noNetns', name }]
    const act = onHost(snapshot, 'ip', 'netns', 'add', name)
    return single({ command, title, act, undo: [onHost(snapshot, 'ip', 'netns', 'delete', name)], expects, snapshot })
  },
  'netns.delete'(command, snapshot) {
    const { name } = command
    const netns = named(snapshot, name)
    if (netns === undefined) throw new Refused('NETNS_MISSING', { netns: name }, 'name')
    const [process] = netns.processes
    if (process) {
      const { pid, comm } = process
      throw new Refused('NETNS_BUSY', { name, count: netns.processCount, comm, pid }, 'name')
    }
    const title = phrase('netns.delete', { name })
    const { undo, lost, away } = everythingBack(snapshot, netns, name)
    const expects: Expect[] = [{ kind: 'record', of: 'netns', id: netns.id }]
    const act = onHost(snapshot, 'ip', 'netns', 'delete', name)
    const confirm = snapshot.host.vantage.kind === 'host' ? { confirm: name } : {}
    // The kernel takes a namespace apart when "ip netns delete" has long ended.
    const ends = expectLinks(away)
    return { ...single({ command, title, act, undo, lost, expects, ends, snapshot }), ...confirm }
  },
}

const named = (snapshot: HostSnapshot, name: string): Netns | undefined =>
  recordsOf(snapshot, 'netns').find(({ names }) => names.some((one) => one.by === 'iproute2' && one.name === name))

const onHost = (snapshot: HostSnapshot, ...argv: string[]): Act => ({ place: snapshot.host.rootNetns, argv })

type Back = { undo: Act[]; lost: Phrase[]; away: Link[] }

/** Makes the namespace and its links again; its links' other ends went with them: those `away` from it. */
function everythingBack(snapshot: HostSnapshot, netns: Netns, name: string): Back {
  const placing: Placing = (id) => (id === netns.id ? `name:${name}` : id)
  const links = recordsOf(snapshot, 'link').filter((link) => link.netns === netns.id)
  const undo: Act[] = [onHost(snapshot, 'ip', 'netns', 'add', name)]
  const lost: Phrase[] = []
  const done = new Set<string>()
  for (const link of links.filter(({ type }) => type === 'loopback'))
    undo.push(...restoreSettings(snapshot, link, placing))
  // Bridges last: they plug their ports in.
  const all = new Set(links.flatMap((link) => goneWith(snapshot, link)))
  const order = links
    .filter((link) => link.type !== 'loopback' && !standsOnOneOf(snapshot, link, all))
    .sort((a, b) => Number(isBridge(a)) - Number(isBridge(b)))
  for (const link of order) {
    if (done.has(link.id)) continue
    const gone = goneWith(snapshot, link)
    for (const { id } of gone) done.add(id)
    undo.push(...(remakeAll(snapshot, link, { placing, later: netns.id }) ?? []))
    lost.push(...gone.flatMap((one) => lostWith(snapshot, one)))
  }
  undo.push(...switchesBack(snapshot, netns, name))
  return { undo, lost, away: [...all].filter((link) => link.netns !== netns.id) }
}

/** Whether a link goes with another one of these, and comes back with it. */
function standsOnOneOf(snapshot: HostSnapshot, link: Link, others: ReadonlySet<Link>): boolean {
  const lower = link.info.kind === 'veth' ? undefined : farLink(snapshot, link)
  return lower !== undefined && others.has(lower)
}

function switchesBack(snapshot: HostSnapshot, netns: Netns, name: string): Act[] {
  const switches = recordsOf(snapshot, 'sysctl').find((one) => one.netns === netns.id)
  const place = `name:${name}`
  const rules = recordsOf(snapshot, 'policyRule').filter(
    ({ netns: at, priority, action, table }) =>
      at === netns.id && !(action === 'lookup' && table !== undefined && [0, 32_766, 32_767].includes(priority)),
  )
  return [
    ...(switches?.ipForward ? [{ place, argv: ['sysctl', '-w', 'net.ipv4.ip_forward=1'] }] : []),
    ...(switches?.ip6Forwarding ? [{ place, argv: ['sysctl', '-w', 'net.ipv6.conf.all.forwarding=1'] }] : []),
    ...rules.flatMap(({ family, priority, src, dst, table, action }) =>
      action === 'lookup' && table !== undefined
        ? [
            {
              place,
              argv: [
                ...[...ipOf(family, 'rule'), 'add', 'priority', String(priority)],
                ...['from', src ?? 'all', ...(dst === undefined ? [] : ['to', dst]), 'lookup', String(table)],
              ],
            },
          ]
        : [],
    ),
  ]
}
