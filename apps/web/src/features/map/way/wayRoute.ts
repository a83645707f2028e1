import type { EdgeKind, NodeKind } from '@hopscope/topology'
import type { DrawnNode } from '../drawn.ts'
import type { Point } from '../geometry.ts'
import type { DrawnEdge, Scene } from '../scene.ts'

/** A packet's way as one line through the picture, in model pixels. */
export type WayRoute = {
  points: readonly Point[]
  /** How far along the line the packet is after each hop. */
  ends: readonly number[]
  /** The node it is at then; undefined while none on its way is drawn. */
  here: readonly (string | undefined)[]
  nodes: ReadonlySet<string>
  edges: ReadonlySet<string>
}

/** The line by the nodes of each hop: along the lines between them where there are some, else straight. */
export function wayRoute(scene: Scene, hops: readonly (readonly string[])[]): WayRoute {
  const line = createLine(scene)
  const ends: number[] = []
  const here: (string | undefined)[] = []
  for (const nodes of hops) {
    for (const id of nodes) line.goTo(id)
    ends.push(line.length())
    here.push(line.at())
  }
  const boxes = [...line.nodes].flatMap((id) => scene.nodes.get(id)?.node.parent ?? [])
  const whole = boxes.filter((id) => scene.nodes.get(id)?.node.kind === 'box')
  return { points: line.points, ends, here, nodes: new Set([...line.nodes, ...whole]), edges: line.edges }
}

function createLine(scene: Scene) {
  const points: Point[] = []
  const nodes = new Set<string>()
  const edges = new Set<string>()
  let current: DrawnNode | undefined
  let length = 0
  const add = (point: Point): void => {
    const last = points.at(-1)
    const step = last ? Math.hypot(point.x - last.x, point.y - last.y) : 0
    if (last && step < 0.01) return
    points.push(point)
    length += step
  }
  const enter = (next: DrawnNode): void => {
    const spot = spotIn(next, points.at(-1))
    if (spot) add(spot)
    nodes.add(next.node.id)
    current = next
  }
  return {
    points,
    nodes,
    edges,
    length: () => length,
    at: () => current?.node.id,
    goTo: (id: string): void => {
      const next = scene.nodes.get(id)
      if (!next || next === current) return
      const cables = current ? cablesBetween(scene, current, next) : []
      for (const { drawn, to, route } of cables) {
        const [first] = route
        // Within a bar it goes along the bar.
        if (current && first && isWide(current)) add(within(current, first))
        for (const point of route) add(point)
        edges.add(drawn.edge.id)
        enter(to)
      }
      if (current !== next) enter(next)
    },
  }
}

/** Where within a node the line runs, when it comes from a point; undefined: it ends where the node begins. */
function spotIn(drawn: DrawnNode, from: Point | undefined): Point | undefined {
  const { x, y, w, h } = drawn.rect
  // Beside its name, which stays readable.
  if (drawn.node.kind === 'box') return { x: x - w / 2, y: y - h / 2 + Math.min(h / 2, 11) }
  if (drawn.node.kind === 'interface') return { x: x - w / 2, y }
  if (OUTSIDE.has(drawn.node.kind)) return undefined
  return from && isWide(drawn) ? within(drawn, from) : { x, y }
}

/** What is outside of every host. */
const OUTSIDE = new Set<NodeKind>(['segment', 'peer'])

/** Bars, and whatever else is so large that its middle may be far from where a line meets it. */
const WIDE = new Set<NodeKind>(['stack', 'bridge', 'macvlan', 'nic', 'block', 'tunnel'])
const isWide = ({ node }: DrawnNode): boolean => WIDE.has(node.kind)

/** The point nearest to another one where a line may run: along the middle, in a bar with a name in it along its lower edge. */
function within({ node, rect: { x, y, w, h } }: DrawnNode, { x: toX, y: toY }: Point): Point {
  const [across, down] = [Math.max(0, w - h) / 2, Math.max(0, h - w) / 2]
  const aside = node.kind === 'bridge' || node.kind === 'macvlan' ? h / 2 - 2 : 0
  return { x: clamp(toX, x - across, x + across), y: clamp(toY, y - down, y + down) + aside }
}

const clamp = (n: number, low: number, high: number): number => Math.max(low, Math.min(high, n))

/** One line of the map, as it is gone along. */
type Cable = { drawn: DrawnEdge; to: DrawnNode; route: readonly Point[] }

/** More lines than these between two places of a packet are not its way. */
const MOST = 4

/** The fewest lines that lead from one node to another; none when they do not hang together, or one stands in the other. */
function cablesBetween(scene: Scene, from: DrawnNode, to: DrawnNode): Cable[] {
  const [a, b] = [from.node, to.node]
  if (a.parent === b.id || b.parent === a.id) return []
  const at = cablesOf(scene)
  let ways: { node: string; cables: Cable[] }[] = [{ node: a.id, cables: [] }]
  const seen = new Set([a.id])
  for (let i = 0; i < MOST; i++) {
    const next: typeof ways = []
    for (const way of ways) {
      for (const cable of at.get(way.node) ?? []) {
        const { id } = cable.to.node
        if (seen.has(id)) continue
        seen.add(id)
        const cables = [...way.cables, cable]
        if (id === b.id) return cables
        next.push({ node: id, cables })
      }
    }
    ways = next
  }
  return []
}

/** Lines that packets go by. */
const CARRIES = new Set<EdgeKind>(['segment', 'route', 'bridge-port', 'veth', 'macvlan', 'lower', 'tunnel'])

const known = new WeakMap<Scene, ReadonlyMap<string, Cable[]>>()

function cablesOf(scene: Scene): ReadonlyMap<string, Cable[]> {
  const made = known.get(scene)
  if (made) return made
  const at = new Map<string, Cable[]>()
  const push = (from: string, cable: Cable): void => {
    const list = at.get(from)
    if (list) list.push(cable)
    else at.set(from, [cable])
  }
  for (const drawn of scene.edges.values()) {
    const { kind, source, target } = drawn.edge
    const [s, t] = [scene.nodes.get(source), scene.nodes.get(target)]
    if (!CARRIES.has(kind) || !s || !t) continue
    push(source, { drawn, to: t, route: drawn.route })
    push(target, { drawn, to: s, route: drawn.route.toReversed() })
  }
  known.set(scene, at)
  return at
}
