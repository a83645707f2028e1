import type { Layout, Topology } from '@hopscope/topology'
import type { View } from './canvasPainter.ts'
import { boundsOf } from './geometry.ts'

export type Size = { w: number; h: number }
type Bounds = Layout['bounds']

/** Zoom from which a box's name can be read on a small screen. */
const READABLE = 0.7
const NARROW = 640
/** Room for what floats over the map: controls at the right and below, banner above. */
const MARGIN = { top: 56, right: 64, bottom: 40, left: 40 }
const SLIM = { top: 60, right: 16, bottom: 60, left: 16 }

/** The view that shows all of `bounds` (model coordinates), centred, never larger than `largest`. */
export function fitView(bounds: Bounds, size: Size, { smallest = 0.05, largest = 1.15 } = {}): View {
  const margin = size.w < NARROW ? SLIM : MARGIN
  const room = {
    w: Math.max(40, size.w - margin.left - margin.right),
    h: Math.max(40, size.h - margin.top - margin.bottom),
  }
  const wanted = Math.min(room.w / Math.max(1, bounds.w), room.h / Math.max(1, bounds.h))
  const zoom = Math.max(smallest, Math.min(largest, wanted))
  return {
    zoom,
    pan: {
      x: margin.left + room.w / 2 - (bounds.x + bounds.w / 2) * zoom,
      y: margin.top + Math.max(0, (room.h - bounds.h * zoom) / 2) - bounds.y * zoom,
    },
  }
}

/**
 * The view to start with: everything, as long as that can be read. On a narrow screen where it cannot, the upper end of the
 * first host's stack with the bridge beside it, at a size that can.
 */
export function firstView(topology: Topology, layout: Layout, size: Size): View {
  const all = fitView(layout.bounds, size)
  if (size.w >= NARROW || all.zoom >= READABLE) return all
  const stack = topology.nodes.find((n) => n.kind === 'stack')
  const at = stack && layout.nodes.get(stack.id)
  if (!stack || !at) return all
  const bar = upperLeft(
    topology.nodes.filter((n) => BARS.has(n.kind) && n.hostId === stack.hostId),
    layout,
  )
  const rack = topology.nodes.filter((n) => n.id === bar || n.rack === bar)
  const bounds = boundsOf([at, ...rack.flatMap((n) => layout.nodes.get(n.id) ?? [])]) ?? layout.bounds
  const zoom = Math.max(READABLE, Math.min(1, (size.w - SLIM.left - SLIM.right) / bounds.w))
  const frame = layout.nodes.get(topology.nodes.find((n) => n.kind === 'host' && n.hostId === stack.hostId)?.id ?? '')
  const top = frame ? frame.y - frame.h / 2 : bounds.y
  return { zoom, pan: { x: SLIM.left - bounds.x * zoom, y: SLIM.left - top * zoom } }
}

const BARS = new Set(['bridge', 'macvlan'])

/** The id of the uppermost, among those the leftmost. */
function upperLeft(nodes: Topology['nodes'], layout: Layout): string | undefined {
  const placed = nodes.flatMap(({ id }) => {
    const at = layout.nodes.get(id)
    return at ? [{ id, x: at.x - at.w / 2, y: at.y }] : []
  })
  return placed.sort((a, b) => a.y - b.y || a.x - b.x)[0]?.id
}

/** The view that has the point in the middle. */
export function centredView(at: { x: number; y: number }, size: Size, zoom: number): View {
  return { zoom, pan: { x: size.w / 2 - at.x * zoom, y: size.h / 2 - at.y * zoom } }
}

/** A kept view, as `zoom,x,y`: x and y are the model point in the middle, so that it survives another window size. */
export function writeView(view: View, size: Size): string {
  const x = (size.w / 2 - view.pan.x) / view.zoom
  const y = (size.h / 2 - view.pan.y) / view.zoom
  return [view.zoom.toFixed(3), x.toFixed(0), y.toFixed(0)].join(',')
}

/** The view that `writeView` wrote; undefined for anything else. */
export function readView(text: string | undefined, size: Size): View | undefined {
  const [zoom, x, y] = (text ?? '').split(',').map(Number)
  if (zoom === undefined || x === undefined || y === undefined) return undefined
  if (![zoom, x, y].every(Number.isFinite) || zoom <= 0) return undefined
  return centredView({ x, y }, size, zoom)
}

/** Whether any part of the bounds is on the screen: a kept view of a map that changed may look at nothing. */
export function showsSomething(view: View, bounds: Bounds, size: Size): boolean {
  const left = bounds.x * view.zoom + view.pan.x
  const top = bounds.y * view.zoom + view.pan.y
  const margin = 60
  return (
    left < size.w - margin &&
    top < size.h - margin &&
    left + bounds.w * view.zoom > margin &&
    top + bounds.h * view.zoom > margin
  )
}

/** Whether nothing of the bounds is off the screen. */
export function showsAll(view: View, bounds: Bounds, size: Size): boolean {
  const left = bounds.x * view.zoom + view.pan.x
  const top = bounds.y * view.zoom + view.pan.y
  return left >= 0 && top >= 0 && left + bounds.w * view.zoom <= size.w && top + bounds.h * view.zoom <= size.h
}
