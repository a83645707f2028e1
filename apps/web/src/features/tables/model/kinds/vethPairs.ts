import { type Link, recordsOf } from '@hopscope/model'
import { linkAt, linkPart, netnsPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { defineTable } from '../table.ts'
import { mark, type Value, word } from '../value.ts'
import { linkStateMark } from './interfaces.ts'

/** Two ends of one cable: `inner` is the one inside of a namespace, where there is one; `outer` may not be known. */
type Pair = { inner: Link; outer?: { scope: Scope; link: Link } }

/** Every veth pair once, both ends matched over namespaces and hosts. By hand: `ip link` in each, comparing ifindexes. */
export const vethPairs = defineTable<Pair>({
  id: 'vethPairs',
  theme: 'links',
  icon: 'port',
  sources: ['links', 'namespaces'],
  order: ['namespace', 'end'],
  records: pairsOf,
  ref: ({ inner }) => ({ kind: 'link', id: inner.id }),
  columns: [
    { id: 'end', kind: 'code', width: 150, value: ({ inner }, s) => linkPart(s, inner) },
    { id: 'namespace', kind: 'words', width: 160, value: ({ inner }, s) => netnsPart(s, inner.netns) },
    {
      id: 'indexes',
      kind: 'code',
      width: 130,
      value: ({ inner, outer }) => `if${inner.index} ↔ if${outer?.link.index ?? inner.iflink ?? '?'}`,
    },
    { id: 'otherEnd', kind: 'code', width: 170, value: otherEnd },
    {
      id: 'otherNamespace',
      kind: 'words',
      width: 160,
      grow: true,
      value: ({ outer }) => outer && netnsPart(outer.scope, outer.link.netns),
    },
    { id: 'bridge', kind: 'code', width: 170, value: bridge },
    { id: 'state', kind: 'marks', width: 110, value: state },
    { id: 'mac', kind: 'code', width: 150, value: ({ inner }) => inner.address },
    { id: 'otherMac', kind: 'code', width: 150, value: ({ outer }) => outer?.link.address },
  ],
})

function pairsOf(s: Scope): Pair[] {
  const pairs: Pair[] = []
  for (const link of recordsOf(s.snapshot, 'link')) {
    if (link.info.kind !== 'veth') continue
    const outer = s.peer(link)
    if (outer && !isFirst({ scope: s, link }, outer)) continue
    pairs.push({ inner: link, ...(outer && { outer }) })
  }
  return pairs
}

/** A pair is listed from the end that is inside: not a port of a bridge, not in the host's own namespace. */
function isFirst(a: { scope: Scope; link: Link }, b: { scope: Scope; link: Link }): boolean {
  const [ra, rb] = [rank(a), rank(b)]
  return ra !== rb ? ra < rb : `${a.scope.hostId} ${a.link.id}` < `${b.scope.hostId} ${b.link.id}`
}

function rank({ scope, link }: { scope: Scope; link: Link }): number {
  return (link.master === undefined ? 0 : 2) + (link.netns === scope.snapshot.host.rootNetns ? 1 : 0)
}

function otherEnd({ inner, outer }: Pair): Value {
  if (outer) return linkPart(outer.scope, outer.link)
  if (inner.ghostPeer) return word('ghostPeer', { name: inner.ghostPeer.name })
  return word('hiddenPeer', { index: inner.iflink ?? '?' })
}

function bridge({ inner, outer }: Pair, s: Scope): Value {
  return (outer && linkAt(outer.scope, outer.link.netns, outer.link.master)) ?? linkAt(s, inner.netns, inner.master)
}

function state({ inner, outer }: Pair): Value {
  const ends = outer ? [inner, outer.link] : [inner]
  const down = ends.filter((l) => !l.flags.includes('UP')).length
  if (down === 1 && outer) return mark('oneEndDown', 'warn')
  return linkStateMark(inner)
}
