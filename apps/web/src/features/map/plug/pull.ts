import { bodyRadius, drawBody } from '../body.ts'
import type { DrawContext, DrawnNode } from '../drawn.ts'
import { anchor, type Point } from '../geometry.ts'
import type { Primitive } from '../primitive.ts'
import type { Scene } from '../scene.ts'

/** Whether something can be plugged in there, and in words what that would do or why it cannot be. */
export type Verdict = { ok: boolean; text: string }
/** What can become of a node that is dragged. */
export type Plugging = {
  /** What to do with it. */
  hint: string
  /** By node: each bridge and network bar of its host that is drawn. */
  verdicts: ReadonlyMap<string, Verdict>
}
/** A node that is being dragged. */
export type Pull = {
  id: string
  plugging: Plugging
  /** Where the pointer is, in model pixels. */
  at: Point
  /** The bar below the pointer. */
  over?: string | undefined
}

/** The cable that is pulled, what it may be plugged into, and what it hangs over, painted above the scrim. */
export function pullPrimitives(
  scene: Scene,
  { id, plugging, at, over }: Pull,
  context: DrawContext & { zoom: number },
  content: (drawn: DrawnNode) => Primitive[],
): Primitive[] {
  const { palette, zoom } = context
  const source = scene.nodes.get(id)
  if (!source) return []
  const target = over === undefined ? undefined : scene.nodes.get(over)
  const ok = over === undefined || plugging.verdicts.get(over)?.ok === true
  const color = ok ? palette.focus : palette.state.down
  const sockets = [...plugging.verdicts].flatMap(([node, { ok: can }]) =>
    can && node !== over ? (scene.nodes.get(node) ?? []) : [],
  )
  const bright = [...sockets, ...(target ? [target] : []), source]
  const end = target ? anchor(target.rect, source.rect) : at
  const cable = { type: 'path', points: [anchor(source.rect, end), end], stroke: color, width: 2.25 / zoom } as const
  return [
    ...bright.flatMap((drawn) => [...drawBody(drawn, palette), ...content(drawn)]),
    ...sockets.map((drawn) => ring(drawn, palette.focus, { zoom, dashed: true })),
    ...(target ? [ring(target, color, { zoom, dashed: false })] : []),
    ring(source, color, { zoom, dashed: false }),
    { ...cable, ...(ok ? {} : { dash: [5 / zoom, 4 / zoom] }) },
    { type: 'circle', ...end, r: 5 / zoom, fill: palette.frameFill, stroke: color, width: 2.25 / zoom },
  ]
}

function ring(
  { node, rect }: DrawnNode,
  stroke: string,
  { zoom, dashed }: { zoom: number; dashed: boolean },
): Primitive {
  const pad = 3 / zoom
  const { x, y, w, h } = rect
  const radius = bodyRadius(node.kind, rect) + pad
  const at = { x: x - w / 2 - pad, y: y - h / 2 - pad, w: w + 2 * pad, h: h + 2 * pad, radius }
  return { type: 'rect', ...at, stroke, width: 2 / zoom, ...(dashed && { dash: [4 / zoom, 3 / zoom] }) }
}
