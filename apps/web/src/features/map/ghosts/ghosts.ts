import {
  afterComparison,
  type Comparison,
  type Layout,
  type Placed,
  type Topology,
  type TopoNode,
} from '@hopscope/topology'
import type { DrawnNode } from '../drawn.ts'
import { applyFilters, type Filters } from '../filters.ts'
import { foldAlike } from '../fold.ts'
import { buildScene, type DrawnEdge, type HostFacts, type Scene } from '../scene.ts'

/** What a change would make of the map. Nothing that is drawn moves for it. */
export type Ghosts = {
  /** What will be there, where it will stand. */
  appear: { nodes: DrawnNode[]; edges: DrawnEdge[] }
  /** What stays and will look different. */
  change: DrawnNode[]
  /** What will be gone from where it stands now. */
  leave: { nodes: DrawnNode[]; edges: DrawnEdge[] }
}

/** The map as it is shown, and how places are found. */
type Now = {
  scene: Scene
  folded: ReadonlySet<string>
  filters: Filters
  place: (topology: Topology) => Layout
}

/** The whole map with a change in it, folded and filtered as the shown one is. */
export function imagined(
  whole: Topology,
  comparison: Comparison,
  { scene, folded, filters, place }: Now,
): { topology: Topology; layout: Layout } {
  const keep = new Set([...comparison.appear.nodes.map(({ id }) => id), ...comparison.change.keys()])
  const drawn = foldAlike(afterComparison(whole, comparison), folded, keep)
  const layout = place(drawn)
  for (const [i, door] of comparison.appear.nodes.filter(({ kind }) => kind === 'entrance').entries())
    belowOthers(door, i, { scene, layout })
  return { topology: applyFilters(drawn, filters).topology, layout }
}

/** Doors stand in the order of their ports and make way for each other; until it is there, a new one stands below the others. */
function belowOthers(door: TopoNode, i: number, { scene, layout }: { scene: Scene; layout: Layout }): void {
  const doors = [...scene.nodes.values()].filter(({ node }) => node.kind === 'entrance' && node.hostId === door.hostId)
  const last = doors.reduce<DrawnNode | undefined>((a, b) => (a && a.rect.y > b.rect.y ? a : b), undefined)
  if (!last || !layout.nodes.has(door.id)) return
  layout.nodes.set(door.id, { ...last.rect, y: last.rect.y + (i + 1) * (last.rect.h + DOOR_GAP) })
  for (const edge of [...layout.bends.keys()]) if (edge.startsWith(`publish:${door.id}>`)) layout.bends.delete(edge)
}
const DOOR_GAP = 6

type After = { topology: Topology; layout: Layout; comparison: Comparison; facts: ReadonlyMap<string, HostFacts> }

/** What is another way in the imagined map than in the shown one; undefined when nothing that is shown is. */
export function ghostsOf(scene: Scene, { topology, layout, comparison, facts }: After): Ghosts | undefined {
  const next = buildScene(topology, layout, facts)
  const moved = movedIn(scene, next, comparison)
  const isNew = ({ node }: DrawnNode): boolean =>
    moved.has(node.id) || (!scene.nodes.has(node.id) && comparison.appear.nodes.some(({ id }) => id === node.id))
  const touches = ({ edge }: DrawnEdge): boolean => moved.has(edge.source) || moved.has(edge.target)
  const added = new Set(comparison.appear.edges.map(({ id }) => id))
  const ghosts: Ghosts = {
    appear: {
      nodes: [...next.nodes.values()].filter(isNew),
      edges: [...next.edges.values()].filter(
        (e) => (added.has(e.edge.id) && !scene.edges.has(e.edge.id)) || touches(e),
      ),
    },
    change: [...comparison.change.keys()].flatMap((id) => {
      const [was, will] = [scene.nodes.get(id), next.nodes.get(id)]
      return was && will && !moved.has(id) && SHOWN.has(was.node.kind) ? [will] : []
    }),
    leave: {
      nodes: [...scene.nodes.values()].filter(({ node }) => comparison.leave.has(node.id) || moved.has(node.id)),
      edges: [...scene.edges.values()].filter((e) => comparison.leave.has(e.edge.id) || touches(e)),
    },
  }
  const { appear, change, leave } = ghosts
  const all = [appear.nodes, appear.edges, change, leave.nodes, leave.edges]
  return all.some((list) => list.length > 0) ? ghosts : undefined
}

/** A frame or a block that counts one more is no news. */
const SHOWN = new Set([
  'segment',
  'nic',
  'stack',
  'bridge',
  'macvlan',
  'tunnel',
  'port',
  'box',
  'interface',
  'resident',
  'peer',
])

/** A box that grows stays where it is. */
const cornersApart = (a: Placed, b: Placed): number =>
  Math.abs(a.x - a.w / 2 - (b.x - b.w / 2)) + Math.abs(a.y - a.h / 2 - (b.y - b.h / 2))

/** Boxes that will stand elsewhere, with what is in them and the ports that lead to them. */
function movedIn(scene: Scene, next: Scene, { appear, change, leave }: Comparison): Set<string> {
  const isElsewhere = (id: string): boolean => {
    const [was, will] = [scene.nodes.get(id)?.rect, next.nodes.get(id)?.rect]
    return was !== undefined && will !== undefined && cornersApart(was, will) > 1
  }
  // A port stands where it is plugged in.
  const plugs = [...appear.edges, ...[...leave.values()].flatMap((one) => ('source' in one ? one : []))]
  const touched = [...change.keys(), ...plugs.flatMap(({ source, target }) => [source, target])]
  const moved = new Set(touched.filter((id) => scene.nodes.get(id)?.node.kind !== 'host' && isElsewhere(id)))
  for (const { node } of next.nodes.values())
    if (node.kind === 'interface' && node.parent !== undefined && moved.has(node.parent) && scene.nodes.has(node.id))
      moved.add(node.id)
  for (const { edge } of next.edges.values())
    if (edge.kind === 'veth' && moved.has(edge.target) && isElsewhere(edge.source)) moved.add(edge.source)
  return moved
}
