import { bodyRadius, drawBody } from './body.ts'
import { drawContent } from './content.ts'
import type { DrawContext, DrawnNode } from './drawn.ts'
import { type Palette, withAlpha } from './palette.ts'
import type { Primitive } from './primitive.ts'
import type { DrawnEdge, Scene } from './scene.ts'
import { linePaint } from './style.ts'

/** Everything as primitives, in drawing order, for the exports. */
export function scenePrimitives(scene: Scene, context: DrawContext): Primitive[] {
  const nodes = [...scene.nodes.values()]
  const back = nodes.filter((d) => BACKDROP.has(d.node.kind))
  const front = nodes.filter((d) => !BACKDROP.has(d.node.kind))
  const small = front.filter((d) => SMALL.has(d.node.kind))
  const large = front.filter((d) => !SMALL.has(d.node.kind))
  const edges = [...scene.edges.values()].filter((e) => !e.edge.secondary)
  const lines = (over: boolean): Primitive[] =>
    edges.filter((e) => e.over === over).map((e) => line(e, context.palette))
  const bodies = (drawn: DrawnNode[]): Primitive[] => drawn.flatMap((d) => drawBody(d, context.palette))
  return [
    ...bodies(back),
    ...lines(false),
    ...bodies(large),
    ...lines(true),
    ...bodies(small),
    ...nodes.flatMap((d) => drawContent(d, context)),
    ...nodes.flatMap((d) => veil(d, context, (stale) => drawContent(stale, context))),
  ]
}

/** A host that nobody watches any more fades, but for its name and since when that is so. */
export function veil(
  drawn: DrawnNode,
  { palette }: DrawContext,
  content: (drawn: DrawnNode) => Primitive[],
): Primitive[] {
  if (drawn.staleSince === undefined) return []
  const { x, y, w, h } = drawn.rect
  const fill = withAlpha(palette.background, STALE_VEIL)
  return [
    {
      type: 'rect',
      x: x - w / 2 + 1,
      y: y - h / 2 + 1,
      w: w - 2,
      h: h - 2,
      radius: bodyRadius('host', drawn.rect),
      fill,
    },
    ...content(drawn),
  ]
}

const STALE_VEIL = 0.5

export const BACKDROP = new Set(['host', 'bay'])
export const SMALL = new Set(['interface', 'port', 'entrance', 'resident'])

/** A line as it is drawn when nobody looks at it. */
export function line({ edge, route }: DrawnEdge, palette: Palette): Primitive {
  const base = linePaint(edge.kind, palette)
  return edge.state === 'down'
    ? { type: 'path', points: route, stroke: palette.state.down, width: base.width, dash: [4, 3] }
    : { type: 'path', points: route, ...base }
}
