import type { View } from '../canvasPainter.ts'
import { boundsOf } from '../geometry.ts'
import type { Ghosts } from './ghosts.ts'

/** A part of the map's canvas, in CSS pixels from its upper left corner. */
export type Area = { x: number; y: number; w: number; h: number }

type Parts = { view: () => View; moveTo: (view: View) => void; free: () => Area }

const MARGIN = 32
/** Names can be read from here on. */
const READABLE = 0.6
/** Farther away than this nothing can be made out: then lines that lead far off are left out of the view. */
const FARTHEST = 0.4

/**
 * Moves the view so that ghosts can be seen beside what covers the map, and back once they are gone, unless somebody has moved
 * it meanwhile. It moves for other ghosts only: typing a name does not make the map swim. Where a change has begun it stays, for
 * what comes of it is to be seen there.
 */
export function createGhostView({ view, moveTo, free }: Parts): {
  show: (ghosts: Ghosts | undefined, begun: boolean) => void
} {
  let shown = ''
  let home: { from: View; to: View } | undefined
  const isAt = (at: View): boolean => {
    const now = view()
    return Math.abs(now.zoom - at.zoom) < 1e-3 && Math.abs(now.pan.x - at.pan.x) + Math.abs(now.pan.y - at.pan.y) < 2
  }
  return {
    show: (ghosts, begun) => {
      if (!ghosts) {
        shown = ''
        if (begun) return
        if (home && isAt(home.to)) moveTo(home.from)
        home = undefined
        return
      }
      const places = placesOf(ghosts)
      const key = [...places.nodes, ...places.lines].map(({ x, y }) => `${x},${y}`).join(' ')
      if (key === shown) return
      shown = key
      const to = viewOn(places, view(), free())
      if (!to) return
      home = { from: home && isAt(home.to) ? home.from : view(), to }
      moveTo(to)
    },
  }
}

/** What is to be seen, in model coordinates. */
export type Places = { nodes: Area[]; lines: Area[] }

function placesOf({ appear, change, leave }: Ghosts): Places {
  const nodes = appear.nodes.length > 0 ? appear.nodes : [...change, ...leave.nodes]
  const lines = [...appear.edges, ...(nodes.length > 0 ? [] : leave.edges)].flatMap(({ route }) => route)
  return { nodes: nodes.map(({ rect }) => rect), lines: lines.map(({ x, y }) => ({ x, y, w: 0, h: 0 })) }
}

/** The view nearest to the present one that shows these places (model coordinates) within the free area; undefined when it does already. */
export function viewOn({ nodes, lines }: Places, now: View, free: Area): View | undefined {
  const bounds = boundsOf([...nodes, ...lines])
  if (!bounds) return undefined
  const room = { w: Math.max(40, free.w - 2 * MARGIN), h: Math.max(40, free.h - 2 * MARGIN) }
  const most = Math.min(room.w / Math.max(1, bounds.w), room.h / Math.max(1, bounds.h))
  if (most < FARTHEST && nodes.length > 0 && lines.length > 0) return viewOn({ nodes, lines: [] }, now, free)
  const zoom = Math.min(Math.max(now.zoom, READABLE), most)
  const scale = zoom / now.zoom
  // What is in the middle of the free area stays there, as far as it can.
  const [middleX, middleY] = [free.x + free.w / 2, free.y + free.h / 2]
  const pan = { x: middleX - (middleX - now.pan.x) * scale, y: middleY - (middleY - now.pan.y) * scale }
  const x = pan.x + shift({ from: bounds.x * zoom + pan.x - free.x, length: bounds.w * zoom, room: free.w })
  const y = pan.y + shift({ from: bounds.y * zoom + pan.y - free.y, length: bounds.h * zoom, room: free.h })
  return zoom === now.zoom && x === now.pan.x && y === now.pan.y ? undefined : { zoom, pan: { x, y } }
}

/** How far something has to go to be within its room. */
function shift({ from, length, room }: { from: number; length: number; room: number }): number {
  if (from < MARGIN) return MARGIN - from
  return Math.min(0, room - MARGIN - (from + length))
}

/** What of the map no sheet covers: above them on a phone, beside them elsewhere. */
export function freeArea(container: HTMLElement): Area {
  const { left, top, width, height } = container.getBoundingClientRect()
  const free = { x: 0, y: 0, w: width, h: height }
  for (const sheet of document.querySelectorAll('[data-sheet]')) {
    const box = sheet.getBoundingClientRect()
    if (box.left - left > width / 4) free.w = Math.min(free.w, box.left - left)
    else free.h = Math.max(80, Math.min(free.h, box.top - top))
  }
  return free
}
