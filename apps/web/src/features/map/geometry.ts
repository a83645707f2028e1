import type { Placed } from '@hopscope/topology'

export type Point = { x: number; y: number }

/**
 * The points a line runs through from one rectangle to another by way of `bends`. A line meets a rectangle straight on
 * where it can: a port below a bridge gets a vertical line, a NIC beside the stack bar a level one. Fewer than two
 * points when there is nothing to draw (the rectangles cover each other).
 */
export function edgeRoute(source: Placed, target: Placed, bends: readonly Point[] = []): Point[] {
  if (bends.length === 0) {
    // The larger end decides where the line meets it, so that the smaller one can follow straight.
    const sourceFirst = source.w * source.h > target.w * target.h
    const first = sourceFirst ? anchor(source, target) : anchor(target, source)
    const second = sourceFirst ? anchor(target, first) : anchor(source, first)
    return distinct(sourceFirst ? [first, second] : [second, first])
  }
  // bends is not empty: at() cannot miss
  const head = bends[0] as Point
  const tail = bends[bends.length - 1] as Point
  return distinct([anchor(source, head), ...bends, anchor(target, tail)])
}

/**
 * Level, upright, level: from the right side of `source` to the left side of `target`, turning at `lane`. Straight when
 * one is beside the other.
 */
export function elbow(source: Placed, target: Placed, lane: number): Point[] {
  if (Math.abs(source.y - target.y) <= 1) return edgeRoute(source, target)
  const x = source.x + source.w / 2 + lane
  const end = target.x - target.w / 2
  if (x >= end) return edgeRoute(source, target)
  return [
    { x: source.x + source.w / 2, y: source.y },
    { x, y: source.y },
    { x, y: target.y },
    { x: end, y: target.y },
  ]
}

/** Where a line from `toward` meets the rectangle's border; `toward` itself when it lies on it, the centre when inside. */
export function anchor(rect: Placed, toward: Point): Point {
  const { x, y, w, h } = rect
  const dx = toward.x - x
  const dy = toward.y - y
  const withinX = Math.abs(dx) <= w / 2
  const withinY = Math.abs(dy) <= h / 2
  if (withinX && withinY) {
    const onBorder = Math.min(w / 2 - Math.abs(dx), h / 2 - Math.abs(dy)) < 0.5
    return onBorder ? { x: toward.x, y: toward.y } : { x, y }
  }
  if (withinX) return { x: toward.x, y: y + (Math.sign(dy) * h) / 2 }
  if (withinY) return { x: x + (Math.sign(dx) * w) / 2, y: toward.y }
  const scale = Math.min(w / 2 / Math.abs(dx), h / 2 / Math.abs(dy))
  return { x: x + dx * scale, y: y + dy * scale }
}

/**
 * Bend points as cytoscape wants them for `curve-style: segments` with `edge-distances: endpoints`: how far along the
 * line between the end points, and how far beside it (model pixels).
 */
export function toSegments(route: readonly Point[]): { weights: number[]; distances: number[] } {
  const a = route[0]
  const b = route[route.length - 1]
  if (!a || !b) return { weights: [], distances: [] }
  const dx = b.x - a.x
  const dy = b.y - a.y
  const length = Math.hypot(dx, dy) || 1
  const inner = route.slice(1, -1)
  return {
    weights: inner.map((p) => ((p.x - a.x) * dx + (p.y - a.y) * dy) / (length * length)),
    distances: inner.map((p) => ((p.x - a.x) * -dy + (p.y - a.y) * dx) / length),
  }
}

/** Smallest rectangle around all of them, by its top left corner; undefined when there are none. */
export function boundsOf(rects: Iterable<Placed>): { x: number; y: number; w: number; h: number } | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const r of rects) {
    left = Math.min(left, r.x - r.w / 2)
    top = Math.min(top, r.y - r.h / 2)
    right = Math.max(right, r.x + r.w / 2)
    bottom = Math.max(bottom, r.y + r.h / 2)
  }
  return left === Infinity ? undefined : { x: left, y: top, w: right - left, h: bottom - top }
}

/** The point halfway along a line, by length. */
export function midpoint(route: readonly Point[]): Point | undefined {
  const lengths = route.slice(1).map((p, i) => distance(route[i] as Point, p)) // i < length - 1
  let rest = lengths.reduce((a, b) => a + b, 0) / 2
  for (const [i, length] of lengths.entries()) {
    const [a, b] = [route[i] as Point, route[i + 1] as Point] // lengths has one entry per pair
    if (rest <= length) {
      const t = length === 0 ? 0 : rest / length
      return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t }
    }
    rest -= length
  }
  return route[0]
}

const distance = (a: Point, b: Point): number => Math.hypot(b.x - a.x, b.y - a.y)

function distinct(points: Point[]): Point[] {
  const kept = points.filter((p, i) => i === 0 || distance(points[i - 1] as Point, p) > 0.01) // i > 0
  return kept.length < 2 ? [] : kept
}
