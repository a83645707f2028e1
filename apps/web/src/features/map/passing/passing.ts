import type { Point } from '../geometry.ts'
import { upTo } from '../way/wayLine.ts'

/** A packet that came by the host, by the nodes of its way; `after`: milliseconds until it sets out. */
export type PassingPacket = { nodes: readonly string[]; isLost: boolean; after: number }
/** A line through the picture as it is drawn now, in model pixels; no points where nothing of it is drawn. */
export type PassingLine = { points: readonly Point[]; length: number }
/** A packet's dot at a moment; `fading`: it was lost here, and how far its sign has gone, from 0 to 1. */
export type PassingDot = Point & { isLost: boolean; fading?: number }

/** Dots that run at once. */
export const MOST_PASSING = 200

/** Model pixels per millisecond, and the bounds of how long a dot takes for its whole line, in milliseconds. */
const SPEED = 0.6
const [SHORTEST, LONGEST] = [900, 2_400]
/** How long the sign stays where a packet was lost, in milliseconds. */
const SIGN_MS = 1_200

export type Passing = {
  /** Lets packets run, and returns how many of them were left out because as many as may are running. */
  start: (packets: readonly PassingPacket[], now: number) => number
  /** Where they are; those whose way is over are forgotten. */
  at: (now: number) => PassingDot[]
  /** The picture was arranged anew: each goes on along its line as that is now. */
  arrange: () => void
  running: () => number
}

type Dot = { nodes: readonly string[]; line: PassingLine; isLost: boolean; since: number; lasts: number }

/** The dots of packets that come by. `lineOf`: the line by these nodes in the picture as it is now. */
export function createPassing(lineOf: (nodes: readonly string[]) => PassingLine): Passing {
  let dots: Dot[] = []
  return {
    start: (packets, now) => {
      let leftOut = 0
      for (const { nodes, isLost, after } of packets) {
        const line = lineOf(nodes)
        if (line.points.length === 0) continue
        const lasts = Math.max(SHORTEST, Math.min(LONGEST, line.length / SPEED))
        if (dots.length < MOST_PASSING) dots.push({ nodes, line, isLost, since: now + after, lasts })
        else leftOut++
      }
      return leftOut
    },
    at: (now) => {
      dots = dots.filter(({ since, lasts, isLost }) => now < since + lasts + (isLost ? SIGN_MS : 0))
      return dots.flatMap((dot) => spotOf(dot, now) ?? [])
    },
    arrange: () => {
      dots = dots.flatMap((dot) => {
        const line = lineOf(dot.nodes)
        return line.points.length > 0 ? [{ ...dot, line }] : []
      })
    },
    running: () => dots.length,
  }
}

function spotOf({ line, since, lasts, isLost }: Dot, now: number): PassingDot | undefined {
  const gone = now - since
  if (gone < 0) return undefined
  const spot = upTo(line.points, line.length * Math.min(1, gone / lasts)).at(-1)
  return spot && { ...spot, isLost, ...(gone > lasts && { fading: (gone - lasts) / SIGN_MS }) }
}
