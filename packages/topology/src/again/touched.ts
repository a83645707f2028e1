import { type FwRule, type HostSnapshot, type Link, type RecordKind, type RecordOf, same } from '@hopscope/model'
import { isOwnRule } from '../ownPorts.ts'
import { type Change, changesOf, listOf } from './lists.ts'

/** Namespaces (never the root one) and containers, by id, that changed, came or went. */
export type Touched = { netns: ReadonlySet<string>; containers: ReadonlySet<string> }

/** With more of them changed at once there is little to gain. */
const MOST = 400

/** What differs between two states of a host; undefined when it is more than its namespaces, the veths to them and containers. */
export function touchedBy(before: HostSnapshot, after: HostSnapshot): Touched | undefined {
  if (!same(before.host, after.host)) return undefined
  const sides: Sides = { before, after, root: after.host.rootNetns }
  const netns = new Set<string>()
  for (const touch of TOUCHES) {
    const ids = touch(sides)
    if (!ids) return undefined
    for (const id of ids) netns.add(id)
    if (netns.size > MOST) return undefined
  }
  const changed = changesOf(before, after, 'container')
  for (const c of changed) for (const side of [c.was, c.now]) if (side?.netns !== undefined) netns.add(side.netns)
  const containers = new Set(changed.map(({ was, now }) => now?.id ?? was?.id ?? ''))
  // A container in the root namespace is part of the host's stack.
  return netns.has(sides.root) || containers.size > MOST ? undefined : { netns, containers }
}

type Sides = { before: HostSnapshot; after: HostSnapshot; root: string }
/** The namespaces in which records of a kind changed; undefined when a change reaches further. */
type Touch = (sides: Sides) => Iterable<string> | undefined

const TOUCHES: readonly Touch[] = [
  (s) => (areSame(s, 'dockerNetwork') && areSame(s, 'dockerEngine') ? [] : undefined),
  // Where tunnels end.
  (s) =>
    changesOf(s.before, s.after, 'fdb').every(({ was, now }) => (was?.dst ?? now?.dst) === undefined) ? [] : undefined,
  touchedNetns,
  touchedLinks,
  touchedAddresses,
  (s) => ofDefaults(changesOf(s.before, s.after, 'route')).map((r) => r.netns),
  (s) => outsideRoot(s, changesOf(s.before, s.after, 'sysctl')),
  // Ports that our rules publish.
  (s) => (changesOf(s.before, s.after, 'fwRule').some(({ was, now }) => isOwn(was) || isOwn(now)) ? undefined : []),
]

const isOwn = (rule: FwRule | undefined): boolean => rule !== undefined && isOwnRule(rule)

/** Processes of the root namespace come and go all the time, and are not drawn. */
function touchedNetns(s: Sides): string[] | undefined {
  const ids: string[] = []
  for (const { was, now } of changesOf(s.before, s.after, 'netns')) {
    const id = now?.id ?? was?.id ?? ''
    if (id !== s.root) ids.push(id)
    else if (!was || !now || !same(was.names, now.names)) return undefined
  }
  return ids
}

function touchedLinks(s: Sides): string[] | undefined {
  const ids: string[] = []
  for (const { was, now } of changesOf(s.before, s.after, 'link'))
    for (const link of [was, now]) {
      if (!link) continue
      const netns = link.netns === s.root ? farNetns(link) : link.netns
      if (netns === undefined) return undefined
      ids.push(netns)
    }
  return ids.includes(s.root) ? undefined : ids
}

/** An address in the root namespace has to be of a veth that leads to another one. */
function touchedAddresses(s: Sides): string[] | undefined {
  const ids: string[] = []
  const inRoot = new Set<number>()
  for (const { was, now } of changesOf(s.before, s.after, 'address')) {
    const address = now ?? was
    if (address?.netns === s.root) inRoot.add(address.index)
    else if (address) ids.push(address.netns)
  }
  if (inRoot.size === 0) return ids
  for (const side of [s.before, s.after])
    for (const link of listOf(side, 'link')) {
      if (link.netns !== s.root || !inRoot.has(link.index)) continue
      const far = farNetns(link)
      if (far === undefined) return undefined
      ids.push(far)
    }
  return ids
}

/** The namespace at the other end of a veth, when it is known and another one. */
export const farNetns = (link: Link): string | undefined =>
  link.info.kind === 'veth' ? (link.linkNetns ?? undefined) : undefined

function ofDefaults(changes: readonly Change<RecordOf<'route'>>[]): RecordOf<'route'>[] {
  return changes.flatMap(({ was, now }) => [was, now].flatMap((r) => (r?.dst === 'default' ? [r] : [])))
}

function outsideRoot(s: Sides, changes: readonly Change<{ netns: string }>[]): string[] | undefined {
  const ids = changes.flatMap(({ was, now }) => (now ?? was)?.netns ?? [])
  return ids.includes(s.root) ? undefined : ids
}

const areSame = (s: Sides, kind: RecordKind): boolean => changesOf(s.before, s.after, kind).length === 0
