import type { View } from './canvasPainter.ts'
import type { DrawnNode } from './drawn.ts'
import { equal } from './equal.ts'
import type { Point } from './geometry.ts'
import type { DrawnEdge, Scene } from './scene.ts'

/** A part of the map, in model pixels. */
export type Area = { left: number; top: number; right: number; bottom: number }

/** With more parts than this, everything may as well be painted anew. */
const MOST = 24

/** Where two scenes look different. Undefined when that is in so many places that everything is to be painted anew. */
export function damageBetween(from: Scene | undefined, to: Scene): Area[] | undefined {
  if (!from) return undefined
  const areas: Area[] = []
  for (const [was, now] of differing(from.nodes, to.nodes)) {
    if (was) join(areas, areaOf(was))
    if (now) join(areas, areaOf(now))
    if (areas.length > MOST) return undefined
  }
  for (const [was, now] of differing(from.edges, to.edges)) {
    // Its ends may only be elsewhere within a node that grew.
    if (was && now && was.over === now.over && equal(was.edge, now.edge) && equal(was.route, now.route)) continue
    for (const part of [...partsOf(was), ...partsOf(now)]) join(areas, part)
    if (areas.length > MOST) return undefined
  }
  return areas
}

/** Adds an area to a list, as one with another when both together are hardly more. */
function join(areas: Area[], area: Area): void {
  for (const [i, other] of areas.entries()) {
    const both = unionOf(other, area)
    if (costOf(both) > costOf(other) + costOf(area)) continue
    areas[i] = both
    return
  }
  areas.push(area)
}

/** What it takes to paint an area: as much as it has room for, with what is around it. */
const costOf = ({ left, top, right, bottom }: Area): number => (right - left + 200) * (bottom - top + 200)

const unionOf = (a: Area, b: Area): Area => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
})

/** The straight parts of a line, each in an area as narrow as possible. */
const partsOf = (drawn: DrawnEdge | undefined): Area[] =>
  drawn ? drawn.route.slice(1).map((p, i) => around(drawn.route[i] ?? p, p)) : []

/** What is not the same object in both, as it was and as it is. */
function* differing<T>(
  from: ReadonlyMap<string, T>,
  to: ReadonlyMap<string, T>,
): Generator<readonly [T | undefined, T | undefined]> {
  for (const [id, now] of to) if (from.get(id) !== now) yield [from.get(id), now]
  for (const [id, was] of from) if (!to.has(id)) yield [was, undefined]
}

export const areaOf = ({ rect: { x, y, w, h } }: DrawnNode): Area => ({
  left: x - w / 2,
  top: y - h / 2,
  right: x + w / 2,
  bottom: y + h / 2,
})

const around = (a: Point, b: Point): Area => ({
  left: Math.min(a.x, b.x),
  top: Math.min(a.y, b.y),
  right: Math.max(a.x, b.x),
  bottom: Math.max(a.y, b.y),
})

export const grown = ({ left, top, right, bottom }: Area, by: number): Area => ({
  left: left - by,
  top: top - by,
  right: right + by,
  bottom: bottom + by,
})

/** Whether a node is in any of the areas, or nearer to it than `margin` model pixels. */
export function isNodeIn({ rect: { x, y, w, h } }: DrawnNode, areas: readonly Area[], margin: number): boolean {
  const [dx, dy] = [w / 2 + margin, h / 2 + margin]
  for (const a of areas) if (x + dx > a.left && x - dx < a.right && y + dy > a.top && y - dy < a.bottom) return true
  return false
}

/** Whether the smallest rectangle around a line has to do with any of the areas. */
export function isEdgeIn({ route }: DrawnEdge, areas: readonly Area[]): boolean {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const p of route) {
    left = Math.min(left, p.x)
    top = Math.min(top, p.y)
    right = Math.max(right, p.x)
    bottom = Math.max(bottom, p.y)
  }
  for (const a of areas) if (right >= a.left && left <= a.right && bottom >= a.top && top <= a.bottom) return true
  return false
}

/**
 * Lets only these areas of a canvas be painted, out to whole device pixels, until `restore`. `view` in device pixels. Leaves the
 * transform at one to one.
 */
export function clipTo(ctx: CanvasRenderingContext2D, areas: readonly Area[], { zoom, pan }: View): void {
  ctx.setTransform(1, 0, 0, 1, 0, 0)
  ctx.beginPath()
  for (const a of areas) {
    const [left, top] = [Math.floor(a.left * zoom + pan.x), Math.floor(a.top * zoom + pan.y)]
    const [right, bottom] = [Math.ceil(a.right * zoom + pan.x), Math.ceil(a.bottom * zoom + pan.y)]
    ctx.rect(left, top, right - left, bottom - top)
  }
  ctx.clip()
}
