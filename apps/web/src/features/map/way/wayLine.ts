import type { Area } from '../damage.ts'
import type { Point } from '../geometry.ts'
import { type Palette, withAlpha } from '../palette.ts'
import type { Primitive } from '../primitive.ts'
import type { WayRoute } from './wayRoute.ts'

/** A line by its hops: solid where the kernel told of them, dashed where they are inferred or predicted. */
export type WayLine = { route: WayRoute; solid: readonly boolean[] }

/**
 * A packet's way as it is shown; `at`: the hop that is looked at. `serial` grows when that is another one, `key` tells one line from another,
 * wherever both run.
 */
export type ShownWay = WayLine & {
  at: number | undefined
  serial: number
  key: string
  /** What was seen of the same packet, and where that differs first. */
  beside?: WayLine
  difference?: Point
}

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

/**
 * The whole line, and the part up to the dot stronger; what was seen beside a prediction runs over it. `length`: where the dot is, in model
 * pixels along the line.
 */
export function wayPrimitives(way: ShownWay, length: number | undefined, { palette, zoom }: Look): Primitive[] {
  const { points } = way.route
  const { beside } = way
  if (points.length < 2) return []
  const width = widthAt(zoom)
  const colour = palette.selection
  const ground = (all: readonly Point[]): Primitive => ({
    type: 'path',
    points: all,
    stroke: withAlpha(palette.background, 0.85),
    width: width * 2.2,
  })
  const faint = length === undefined ? 0.9 : 0.4
  return [
    ground(points),
    ...(beside ? [ground(beside.route.points)] : []),
    ...strokes(way, { to: Number.POSITIVE_INFINITY, stroke: withAlpha(colour, faint), width }),
    ...(beside ? strokes(beside, { to: Number.POSITIVE_INFINITY, stroke: withAlpha(colour, faint), width }) : []),
    ...(length === undefined ? [] : strokes(way, { to: length, stroke: colour, width })),
  ]
}

type Strokes = { to: number; stroke: string; width: number }

/** A line up to a length, in as many pieces as it changes between solid and dashed. */
function strokes({ route: { points, ends }, solid }: WayLine, { to, stroke, width }: Strokes): Primitive[] {
  const pieces: { from: number; to: number; solid: boolean }[] = []
  for (const [i, end] of ends.entries()) {
    const from = pieces.at(-1)?.to ?? 0
    if (end <= from || from >= to) continue
    const isSolid = solid[i] ?? false
    const last = pieces.at(-1)
    if (last?.solid === isSolid) last.to = Math.min(end, to)
    else pieces.push({ from, to: Math.min(end, to), solid: isSolid })
  }
  return pieces.flatMap((piece) => {
    const part = between(points, piece.from, piece.to)
    const dash = piece.solid ? {} : { dash: [width * 2.2, width * 1.6] }
    return part.length > 1 ? [{ type: 'path', points: part, stroke, width, ...dash } as const] : []
  })
}

/** Where the line begins and ends, and the dot. */
export function dotPrimitives(way: ShownWay, length: number | undefined, { palette, zoom }: Look): Primitive[] {
  const { route, difference } = way
  const { points } = route
  const width = widthAt(zoom)
  const [line, ground] = [palette.selection, palette.background]
  const ends = [...points.slice(0, 1), ...points.slice(-1)].map(
    ({ x, y }): Primitive => ({ type: 'circle', x, y, r: width * 1.1, fill: ground, stroke: line, width: width / 2 }),
  )
  const at = length === undefined ? undefined : upTo(points, length).at(-1)
  return [
    ...ends,
    ...(at ? [{ type: 'circle', ...at, r: width * 2, fill: line, stroke: ground, width: width * 0.6 } as const] : []),
    ...(difference ? differencePrimitives(difference, { palette, zoom }) : []),
  ]
}

/** Where what was seen differs first: a sign above the line, which the dot does not cover. */
function differencePrimitives({ x, y }: Point, { palette, zoom }: Look): Primitive[] {
  const r = widthAt(zoom) * 2.8
  const at = { x, y: y - r * 1.8 }
  const colour = palette.state.degraded
  return [
    { type: 'path', points: [{ x, y }, at], stroke: colour, width: r / 4 },
    { type: 'circle', ...at, r, fill: palette.background, stroke: colour, width: r / 4 },
    { type: 'icon', d: NOT_EQUAL, ...at, size: r * 1.5, stroke: palette.ink },
  ]
}

/** As in the list beside the map. */
const NOT_EQUAL = 'M5 9h14M5 15h14M19 5 5 19'

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

/** The part of a line from one length to another. */
function between(points: readonly Point[], from: number, to: number): Point[] {
  const before = upTo(points, from)
  return [...before.slice(-1), ...upTo(points, to).slice(before.length - 1)]
}

/** What has to be painted anew when the dot has gone from one length to another. */
export function runArea(
  points: readonly Point[],
  { from, to, zoom }: { from: number; to: number; zoom: number },
): Area {
  const [low, high] = [Math.min(from, to), Math.max(from, to)]
  const gone = between(points, low, high)
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
