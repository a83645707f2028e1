import type { Area } from '../damage.ts'
import { runArea, type ShownWay, wantedLength } from './wayLine.ts'

/** How long the dot takes from one hop to another, in milliseconds. */
const RUN_MS = 450

/** The dot on its way along the line; at rest nothing has to be painted. */
export type WayRun = {
  /** Puts the dot where it belongs on a way; when another hop is looked at it runs there. */
  start: (way: ShownWay | undefined, now: number) => void
  /** Moves it to where it is at a time, and tells what of the map has to be painted for that; undefined at rest. */
  advance: (now: number, zoom: number) => Area | undefined
  /** How far along the line it is, in model pixels; undefined while there is none. */
  length: () => number | undefined
  isMoving: () => boolean
}

/** `isStill`: whether whoever looks wants nothing to move. */
export function createWayRun(isStill: () => boolean): WayRun {
  let way: ShownWay | undefined
  let length: number | undefined
  let run: { from: number; to: number; since: number } | undefined
  return {
    start: (next, now) => {
      const before = way
      way = next
      const to = next && wantedLength(next)
      // The map may have been arranged anew below it.
      if (before?.serial === next?.serial && run === undefined) {
        length = to
        return
      }
      // Along another line it comes from its beginning.
      const from = before?.key === next?.key ? (length ?? 0) : 0
      const runs = to !== undefined && from !== to && !isStill()
      length = runs ? from : to
      run = runs ? { from, to, since: now } : undefined
    },
    advance: (now, zoom) => {
      if (!run || !way || length === undefined) return undefined
      const part = Math.min(1, Math.max(0, (now - run.since) / RUN_MS))
      const before = length
      length = run.from + (run.to - run.from) * (1 - (1 - part) ** 3)
      if (part >= 1) run = undefined
      return runArea(way.route.points, { from: before, to: length, zoom })
    },
    length: () => length,
    isMoving: () => run !== undefined,
  }
}
