import type { NodeState, TopoEdge, Topology, TopoNode } from './topology.ts'

export type FoldOptions = {
  /** Nodes and edges that may be drawn at once. */
  maxElements: number
  /** Bars, bays and blocks that the user opened: never folded. */
  opened: ReadonlySet<string>
  /** Blocks of the last time: they open again only when there is room to spare, so that the map does not flicker. */
  folded?: ReadonlySet<string>
  /** What is selected, or on the path of a packet: these and what they stand in are never folded. */
  keep: ReadonlySet<string>
  /** Exactly these blocks fold, however many elements that leaves: the map as it is folded already, with something new in it. */
  only?: ReadonlySet<string>
}

/**
 * The topology with its largest groups folded into blocks, for everything that is folded the block it is in, and the groups'
 * blocks: to be given to the next call.
 */
export type Folded = { topology: Topology; blockOf: Map<string, string>; folded: Set<string> }

type Group = { block: TopoNode; members: TopoNode[]; always: boolean; opened: boolean; stage: number; size: number }

/**
 * Folds the largest groups until no more than `maxElements` are left: first doors and the boxes of racks and bays,
 * then residents and peers, then whole bridges and links, at last a single box that is large by itself. Namespaces of
 * plain processes are always folded. Pure.
 */
export function foldPlan(t: Topology, options: FoldOptions): Folded {
  if (hasRoom(t, options)) return { topology: t, blockOf: new Map(), folded: new Set() }
  const parts = partsOf(t)
  const kept = keptBoxes(t, options.keep)
  const groups = groupsOf(t, parts, { ...options, keep: kept })
  let left = t.nodes.length + t.edges.length - openedSize(groups)
  const folded: Group[] = []
  const remove = remover(t, parts)
  for (const g of groups) {
    if (!mustFold(g, left, options)) continue
    folded.push(g)
    left -= remove(g)
  }
  if (folded.length === 0) return { topology: t, blockOf: new Map(), folded: new Set() }
  const rest = groups.filter((g) => !g.opened && !folded.includes(g))
  let result = withBlocks(t, parts, folded)
  // Lines into a block that come from many places stay as many: what was counted as gone may be there still.
  while (
    !options.only &&
    result.topology.nodes.length + result.topology.edges.length - openedSize(groups) > options.maxElements
  ) {
    const next = rest.shift()
    if (!next) break
    folded.push(next)
    result = withBlocks(t, parts, folded)
  }
  return { ...result, folded: new Set(folded.map((g) => g.block.id)) }
}

function mustFold({ block, opened, always }: Group, left: number, { only, maxElements, folded }: FoldOptions): boolean {
  if (only) return only.has(block.id)
  const most = maxElements * (folded?.has(block.id) ? TO_SPARE : 1)
  return !opened && (always || left > most)
}

/** Everything may be drawn as it is: no group has to be looked at. */
function hasRoom({ nodes, edges }: Topology, { maxElements, folded, opened, only }: FoldOptions): boolean {
  if (only) return only.size === 0
  const most = maxElements * (folded?.size ? TO_SPARE : 1)
  return nodes.length + edges.length <= most && nodes.every((n) => n.bay !== 'processes' || opened.has(n.id))
}

/** What the user opened on purpose does not make other things fold. */
const openedSize = (groups: readonly Group[]): number => groups.reduce((sum, g) => sum + (g.opened ? g.size : 0), 0)

/** What is folded stays so until everything fits into this share of what may be drawn. */
const TO_SPARE = 0.85

/** Id of the block that stands for a group: of a rack or bay by its node, of a host's doors by their kind. */
export const blockId = (group: string): string => `${group}/block`

/** What goes away with a node: its interfaces, the ports they are plugged into (`plugged`), and the edges of all of these. */
type Parts = { of: Map<string, string[]>; edges: Map<string, TopoEdge[]>; plugged: Set<string> }

function partsOf(t: Topology): Parts {
  const nodes = new Map(t.nodes.map((n) => [n.id, n]))
  const of = new Map<string, string[]>(t.nodes.map((n) => [n.id, [n.id]]))
  const plugged = new Set<string>()
  const add = (owner: string | undefined, part: string) => owner !== undefined && of.get(owner)?.push(part)
  for (const n of t.nodes) if (nodes.get(n.parent ?? '')?.kind === 'box') add(n.parent, n.id)
  for (const e of t.edges) {
    if (e.kind !== 'veth' || nodes.get(e.source)?.kind !== 'port') continue
    const inner = nodes.get(e.target)
    if (inner?.kind !== 'interface') continue
    add(inner.parent, e.source)
    plugged.add(e.source)
  }
  const edges = new Map<string, TopoEdge[]>()
  for (const e of t.edges)
    for (const end of [e.source, e.target]) {
      const list = edges.get(end)
      if (list) list.push(e)
      else edges.set(end, [e])
    }
  return { of, edges, plugged }
}

/** A box is kept when it, one of its interfaces or one of its ports is; with it the bar it hangs from. */
function keptBoxes(t: Topology, keep: ReadonlySet<string>): Set<string> {
  const kept = new Set(keep)
  if (keep.size === 0) return kept
  const nodes = new Map(t.nodes.map((n) => [n.id, n]))
  for (const e of t.edges) if (e.kind === 'veth' && keep.has(e.source)) kept.add(e.target)
  // A set is walked while it grows: parents of parents come too.
  for (const id of kept) {
    const node = nodes.get(id)
    for (const above of [node?.parent, node?.rack]) if (above !== undefined) kept.add(above)
  }
  return kept
}

function groupsOf(t: Topology, parts: Parts, o: FoldOptions): Group[] {
  const nodes = new Map(t.nodes.map((n) => [n.id, n]))
  const byKey = new Map<string, { members: TopoNode[]; stage: number }>()
  for (const n of t.nodes) {
    const key = parts.plugged.has(n.id) ? undefined : groupKey(n, nodes)
    if (key === undefined || o.keep.has(n.id) || o.opened.has(n.id)) continue
    const g = byKey.get(key.id)
    if (g) g.members.push(n)
    else byKey.set(key.id, { members: [n], stage: key.stage })
  }
  const groups: Group[] = []
  for (const [key, { members, stage }] of byKey) {
    const home = nodes.get(key)
    const always = home?.bay === 'processes'
    const first = members[0]
    if (!first) continue
    const size = sizeOf(members, parts)
    const alone = members.length < 2 && !always
    if (alone && size < LARGE) continue
    const opened = o.opened.has(key) || o.opened.has(blockId(key))
    const block = blockFor(key, { home, first, members })
    groups.push({ block, members, always, opened, stage: alone ? LAST : stage, size })
  }
  // Always-folded ones first, then stage by stage the largest; the order of nodes decides between equals.
  return groups.sort((a, b) => Number(b.always) - Number(a.always) || a.stage - b.stage || b.size - a.size)
}

/** A single box of so many elements is worth a block, after everything else. */
const LARGE = 60
const LAST = 5

const OTHERS: Partial<Record<TopoNode['kind'], number>> = {
  entrance: 1,
  resident: 2,
  peer: 2,
  bridge: 3,
  macvlan: 3,
  tunnel: 4,
  nic: 4,
  segment: 4,
  port: 4,
  interface: 4,
}

function groupKey(n: TopoNode, nodes: ReadonlyMap<string, TopoNode>): { id: string; stage: number } | undefined {
  if (n.kind === 'box') {
    const home = n.rack ?? (nodes.get(n.parent ?? '')?.kind === 'bay' ? n.parent : undefined)
    return home === undefined ? undefined : { id: home, stage: 1 }
  }
  // Those of a box go with it.
  if (n.kind === 'interface' && nodes.get(n.parent ?? '')?.kind === 'box') return undefined
  const stage = OTHERS[n.kind]
  return stage === undefined ? undefined : { id: `${n.hostId}/${n.kind}`, stage }
}

type BlockFacts = { home: TopoNode | undefined; first: TopoNode; members: TopoNode[] }

function blockFor(key: string, { home, first, members }: BlockFacts): TopoNode {
  const inRack = home !== undefined && home.kind !== 'bay' && first.rack !== undefined
  return {
    id: blockId(key),
    kind: 'block',
    hostId: first.hostId,
    ...(first.parent === undefined ? {} : { parent: first.parent }),
    label: home?.label ?? '',
    state: worstOf(members),
    badges: [{ kind: 'count', value: members.length }],
    refs: members.flatMap((m) => m.refs.slice(0, 1)),
    ...(inRack ? { rack: home.id } : {}),
    members: members.map(({ id, label, state }) => ({ id, label, state })),
    memberKind: first.kind,
  }
}

/** A block with members that are down is not down itself. */
function worstOf(members: readonly TopoNode[]): NodeState {
  if (members.every((m) => m.state === 'down')) return 'down'
  if (members.some((m) => m.state === 'down' || m.state === 'degraded')) return 'degraded'
  return members.every((m) => m.state === 'up') ? 'up' : 'unknown'
}

/** About how many elements a group is: what decides which is the largest. */
const sizeOf = (members: readonly TopoNode[], parts: Parts): number =>
  members.flatMap((m) => parts.of.get(m.id) ?? []).reduce((sum, id) => sum + 1 + (parts.edges.get(id)?.length ?? 0), 0)

/** Counts how many elements go when one group after the other is folded; each goes once. */
function remover(t: Topology, parts: Parts): (g: Group) => number {
  const gone = new Set<string>()
  const racks = new Map<string, string[]>()
  for (const n of t.nodes) {
    if (n.rack === undefined) continue
    const list = racks.get(n.rack)
    if (list) list.push(n.id)
    else racks.set(n.rack, [n.id])
  }
  return (g) => {
    const before = gone.size
    for (const m of g.members) {
      const boxes = m.kind === 'box' ? [] : (racks.get(m.id) ?? [])
      for (const id of [m.id, ...boxes].flatMap((owner) => parts.of.get(owner) ?? [])) {
        gone.add(id)
        for (const e of parts.edges.get(id) ?? []) gone.add(e.id)
      }
    }
    // The block itself comes instead, with an edge or two of its own.
    return gone.size - before - 3
  }
}

function withBlocks(t: Topology, parts: Parts, groups: readonly Group[]): Omit<Folded, 'folded'> {
  const blockOf = new Map<string, string>()
  // A bar that is folded takes its boxes along, whether they were folded before or not.
  const gone = new Map<string, string>()
  for (const g of groups)
    for (const m of g.members) for (const part of parts.of.get(m.id) ?? []) gone.set(part, g.block.id)
  const blocks = groups.map((g) => g.block)
  for (const n of [...t.nodes, ...blocks]) {
    const bar = n.rack === undefined ? undefined : gone.get(n.rack)
    if (bar !== undefined && n.kind !== 'bridge' && n.kind !== 'macvlan')
      for (const part of parts.of.get(n.id) ?? [n.id]) gone.set(part, bar)
  }
  for (const id of gone.keys()) blockOf.set(id, finalBlock(gone, id))
  const nodes = t.nodes.filter((n) => !blockOf.has(n.id)).map((n) => withoutGone(n, blockOf))
  const shown = blocks.filter((b) => !blockOf.has(b.id))
  return { topology: { nodes: [...nodes, ...shown], edges: rewire(t.edges, blockOf) }, blockOf }
}

function finalBlock(gone: ReadonlyMap<string, string>, id: string): string {
  let at = gone.get(id) ?? id
  for (let next = gone.get(at); next !== undefined; next = gone.get(at)) at = next
  return at
}

/** Badges lead to what is drawn. */
function withoutGone(n: TopoNode, blockOf: ReadonlyMap<string, string>): TopoNode {
  if (!n.badges.some((b) => b.kind === 'attachment' && blockOf.has(b.toNode))) return n
  const badges = n.badges.map((b) =>
    b.kind === 'attachment' ? { ...b, toNode: blockOf.get(b.toNode) ?? b.toNode } : b,
  )
  return { ...n, badges }
}

/** Edges of folded nodes end at their block, one for all of a kind; those inside a block go. */
function rewire(edges: readonly TopoEdge[], blockOf: ReadonlyMap<string, string>): TopoEdge[] {
  const out = new Map<string, TopoEdge>()
  for (const e of edges) {
    const source = blockOf.get(e.source) ?? e.source
    const target = blockOf.get(e.target) ?? e.target
    if (source === e.source && target === e.target) out.set(e.id, e)
    // A second attachment or a door's way into a block would be a line from anywhere to anywhere.
    if (source === target || (source === e.source && target === e.target) || e.secondary) continue
    const id = `${e.kind}:${source}>${target}`
    const known = out.get(id)
    if (known) continue
    const { label: _of, ...rest } = e
    out.set(id, { ...rest, id, source, target, refs: [] })
  }
  return [...out.values()]
}
