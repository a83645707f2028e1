import type { Placed, TopoNode } from '@hopscope/topology'
import type { Palette } from './palette.ts'
import type { Font, Measure, TextPrimitive } from './primitive.ts'

/** The words a drawing needs, from the catalogue. */
export type MapWords = {
  bay: Record<'none' | 'hand-made' | 'processes' | 'system', string>
  flag: (value: string) => string
  stack: { title: string; routes: string; rules: string; connections: string }
  staleSince: (since: number) => string
  sandbox: string
  members: (count: number, what: string) => string
  down: (count: number) => string
  number: (value: number) => string
}

export type StackCounts = { routes?: number; rules?: number; connections?: number }
/** A node as it is drawn: where it stands and what the page knows of it beside the topology. */
export type DrawnNode = {
  node: TopoNode
  rect: Placed
  counts?: StackCounts
  /** Milliseconds since the epoch since when its host is stale. */
  staleSince?: number
  sandbox?: boolean
  kernel?: string
  /** A box without interfaces has room for its image. */
  empty?: boolean
}

export type DrawContext = { palette: Palette; words: MapWords; measure: Measure }

/** Zoom at which links and names give way to state cells, and from which addresses and veth names are shown. */
export const LEVEL = {
  links: 0.36,
  names: 0.45,
  bars: 0.8,
  chips: 0.78,
  addresses: 0.64,
  pairs: 0.86,
  veths: 1.15,
} as const

/** Where a host's name stands inside of its frame, from the top. */
export const HOST_TITLE = { middle: 19, height: 34 } as const

/** A text primitive with the usual settings; the anchor is its left end, the width 200. */
export function text(
  value: string,
  o: { x: number; y: number; size: number; weight?: Font['weight']; color?: string; mono?: boolean },
): TextPrimitive & { minZoom?: number; maxZoom?: number } {
  const font: Font = { size: o.size, weight: o.weight ?? 400, family: o.mono ? 'mono' : 'sans' }
  return {
    type: 'text',
    x: o.x,
    y: o.y,
    text: value,
    font,
    color: o.color ?? '',
    align: 'left',
    maxWidth: 200,
    maxHeight: o.size,
    minScreen: 0,
  }
}

/** The rectangle by its upper left corner. */
export const topLeft = (r: Placed): Placed => ({ ...r, x: r.x - r.w / 2, y: r.y - r.h / 2 })
