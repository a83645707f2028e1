import type { Area } from '../damage.ts'
import type { Point } from '../geometry.ts'
import { type Palette, withAlpha } from '../palette.ts'
import type { Primitive } from '../primitive.ts'
import type { WayRoute } from './wayRoute.ts'

/**
 * A packet's way as it is shown; `at`: the hop that is looked at. `serial` grows when that is another one, `key` tells one line from another,
 * wherever both run.
 */
export type ShownWay = { route: WayRoute; at: number | undefined; serial: number; key: string }

/** How far along its line the dot is to be; undefined: there is none. */
export function wantedLength({ route, at }: ShownWay): number | undefined {
  return at === undefined ? undefined : route.ends[at]
}

/** Where the dot is to be. */
export function spotOf(way: ShownWay): Point | undefined {
  const length = wantedLength(way)
  return length === undefined ? undefined : upTo(way.route.points, length).at(-1)
}

type Look = { palette: Palette; zoom: number }

/** As strong from afar as from near, in model pixels. */
const widthAt = (zoom: number): number => Math.max(3, 2.5 / zoom)

/** The whole line, and the part up to the dot stronger. `length`: where the dot is, in model pixels along the line. */
export function wayPrimitives({ route }: ShownWay, length: number | undefined, { palette, zoom }: Look): Primitive[] {
  const { points } = route
  if (points.length < 2) return []
  const width = widthAt(zoom)
  const colour = palette.selection
  const done = length === undefined ? [] : upTo(points, length)
  return [
    { type: 'path', points, stroke: withAlpha(palette.background, 0.85), width: width * 2.2 },
    { type: 'path', points, stroke: withAlpha(colour, length === undefined ? 0.9 : 0.4), width },
    ...(done.length > 1 ? [{ type: 'path', points: done, stroke: colour, width } as const] : []),
  ]
}

/** Where the line begins and ends, and the dot. */
export function dotPrimitives({ route }: ShownWay, length: number | undefined, { palette, zoom }: Look): Primitive[] {
  const { points } = route
  const width = widthAt(zoom)
  const [line, ground] = [palette.selection, palette.background]
  const ends = [...points.slice(0, 1), ...points.slice(-1)].map(
    ({ x, y }): Primitive => ({ type: 'circle', x, y, r: width * 1.1, fill: ground, stroke: line, width: width / 2 }),
  )
  const at = length === undefined ? undefined : upTo(points, length).at(-1)
  if (!at) return ends
  return [...ends, { type: 'circle', ...at, r: width * 2, fill: line, stroke: ground, width: width * 0.6 }]
}

/** The part of a line up to a length. */
export function upTo(points: readonly Point[], length: number): Point[] {
  const part: Point[] = []
  let rest = length
  let last: Point | undefined
  for (const point of points) {
    if (last) {
      const step = Math.hypot(point.x - last.x, point.y - last.y)
      if (rest < step) {
        const t = rest / step
        part.push({ x: last.x + (point.x - last.x) * t, y: last.y + (point.y - last.y) * t })
        return part
      }
      rest -= step
    }
    part.push(point)
    last = point
  }
  return part
}

/** What has to be painted anew when the dot has gone from one length to another. */
export function runArea(
  points: readonly Point[],
  { from, to, zoom }: { from: number; to: number; zoom: number },
): Area {
  const [low, high] = [Math.min(from, to), Math.max(from, to)]
  const before = upTo(points, low)
  const gone = [...before.slice(-1), ...upTo(points, high).slice(before.length - 1)]
  // The dot is round, and the line has a width.
  const margin = 8 * Math.max(1, 1 / zoom)
  const [xs, ys] = [gone.map(({ x }) => x), gone.map(({ y }) => y)]
  return {
    left: Math.min(...xs) - margin,
    top: Math.min(...ys) - margin,
    right: Math.max(...xs) + margin,
    bottom: Math.max(...ys) + margin,
  }
}
