import { drawBody } from './body.ts'
import type { DrawContext, DrawnNode } from './drawn.ts'
import { midpoint } from './geometry.ts'
import type { Lit } from './marks.ts'
import { BACKDROP, line, SMALL } from './picture.ts'
import type { Primitive } from './primitive.ts'
import type { DrawnEdge, Scene } from './scene.ts'

/** The lit objects painted once more above the scrim: lines, bodies, texts, and what is at both ends of the veth. */
export function litPrimitives(
  scene: Scene,
  { relations, plain }: Lit,
  context: DrawContext & { zoom: number },
  content: (drawn: DrawnNode) => Primitive[],
): Primitive[] {
  const { palette } = context
  const nodes = [...relations.nodes].flatMap((id) => scene.nodes.get(id) ?? [])
  const solid = nodes.filter((d) => !BACKDROP.has(d.node.kind))
  const edges = [...relations.edges].flatMap((id) => scene.edges.get(id) ?? [])
  const lit = (e: DrawnEdge): Primitive =>
    plain
      ? line(e, palette)
      : ({
          ...line(e, palette),
          stroke: palette.selection,
          width: 2.25,
          ...(e.edge.secondary && { dash: [6, 4] }),
        } as Primitive) // line() makes paths
  const over = (e: DrawnEdge): boolean => e.over || e.edge.secondary === true
  const labelled = edges.filter((e) => e.edge.label !== undefined)
  const small = solid.filter((d) => SMALL.has(d.node.kind))
  const large = solid.filter((d) => !SMALL.has(d.node.kind))
  return [
    ...edges.filter((e) => !over(e)).map(lit),
    ...large.flatMap((d) => drawBody(d, palette)),
    ...edges.filter(over).map(lit),
    ...small.flatMap((d) => drawBody(d, palette)),
    ...nodes.flatMap(content),
    ...(!plain && labelled.length <= MOST_LABELS ? labelled.flatMap((e) => edgeLabel(e, context)) : []),
  ]
}

/** More labels than these would hide what they speak of: a whole bridge is lit. */
const MOST_LABELS = 4

/** What a line says of itself: beside a veth's port, else in its middle; never smaller than it can be read. */
function edgeLabel(
  { edge, route }: DrawnEdge,
  { palette, measure, zoom }: DrawContext & { zoom: number },
): Primitive[] {
  const middle = midpoint(route)
  if (!edge.label || !middle) return []
  const font = { size: Math.max(9, 10.5 / zoom), weight: 500, family: 'mono' } as const
  const [w, h] = [measure(edge.label, font) + font.size * 1.2, font.size * 1.7]
  const left = route.reduce((a, p) => (p.x < a.x ? p : a), middle)
  const at = edge.kind === 'veth' ? { x: left.x - w / 2 - 8, y: left.y } : middle
  const plate = {
    x: at.x - w / 2,
    y: at.y - h / 2,
    w,
    h,
    radius: h / 3,
    fill: palette.frameFill,
    stroke: palette.selection,
  }
  const text = {
    x: at.x,
    y: at.y + font.size * 0.05,
    text: edge.label,
    font,
    color: palette.ink,
    align: 'center',
  } as const
  return [
    { type: 'rect', ...plate, width: 1 / zoom },
    { type: 'text', ...text, maxWidth: w, maxHeight: h, minScreen: 0 },
  ]
}
