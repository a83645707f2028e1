import { type DrawnNode, LEVEL } from './drawn.ts'
import type { Ghosts } from './ghosts/ghosts.ts'
import { type Palette, withAlpha } from './palette.ts'
import type { Pull } from './plug/pull.ts'
import type { Primitive } from './primitive.ts'
import type { RateTexts } from './rates.ts'
import type { Relations } from './relations.ts'
import type { Scene } from './scene.ts'
import type { ShownWay } from './way/wayLine.ts'

/** What stands out; `plain`: its lines look as they always do, for something else is drawn over them. */
export type Lit = { relations: { [K in keyof Relations]: ReadonlySet<string> }; plain?: true }

/** What the overlay shows beside the scene. */
export type OverlayState = {
  /** Hovered, or else a packet's way, or else selected: everything else is dimmed. */
  lit?: Lit
  selected?: string
  /** Node that the keyboard is at. */
  focused?: string
  /** Ids of nodes that just appeared, with the time (performance.now) of their appearance. */
  fresh: ReadonlyMap<string, number>
  /** What the change that is being prepared would make of the map. */
  ghosts?: Ghosts | undefined
  /** The way of a packet that is followed, and how far along it the dot is. */
  way?: ShownWay | undefined
  dot?: number | undefined
  /** A cable that is being pulled. */
  pull?: Pull | undefined
  /** Live rates as texts. */
  rates: RateTexts
}

/** How long something new stays marked, in milliseconds. */
export const FRESH_MS = 1800

/** Rings around what is new, selected, and where the keyboard is. */
export function markPrimitives(
  scene: Scene,
  { selected, focused, fresh, way }: OverlayState,
  { palette, now, zoom }: { palette: Palette; now: number; zoom: number },
): Primitive[] {
  const ring = (id: string | undefined, color: string, width: number, grow: number): Primitive[] => {
    const drawn = id === undefined ? undefined : scene.nodes.get(id)
    if (!drawn) return []
    const { x, y, w, h } = drawn.rect
    const pad = grow / zoom
    return [
      {
        type: 'rect',
        x: x - w / 2 - pad,
        y: y - h / 2 - pad,
        w: w + 2 * pad,
        h: h + 2 * pad,
        radius: 8 + pad,
        stroke: color,
        width: width / zoom,
      },
    ]
  }
  const rings: Primitive[] = []
  for (const [id, since] of fresh) {
    const age = (now - since) / FRESH_MS
    if (age < 1) rings.push(...ring(id, withAlpha(palette.state.up, 1 - age), 2, 4))
  }
  if (way?.at !== undefined) rings.push(...ring(way.route.here[way.at], palette.selection, 2, 3))
  if (selected !== focused) rings.push(...ring(selected, palette.selection, 2, 2))
  rings.push(...ring(focused, focused === selected ? palette.selection : palette.focus, 2, 2))
  return rings
}

/** The live rate beside a port or link, as a text on a plate: a halo around each would cost more than everything else. */
export function ratePrimitives({ node, rect }: DrawnNode, value: string, palette: Palette): Primitive[] {
  const { x, y, h } = rect
  const port = node.kind === 'port'
  const spot = port
    ? ({ x: x + 7, y: y + 7, align: 'left', maxWidth: 34 } as const)
    : ({ x, y: y + h / 2 + 8, align: 'center', maxWidth: 130 } as const)
  const font = { size: port ? 6.5 : 8, weight: 500, family: 'mono' } as const
  const look = { color: palette.ink, maxHeight: 10, minScreen: 0, minZoom: LEVEL.veths }
  const w = Math.min(spot.maxWidth, value.length * font.size * 0.6 + 2)
  const plate = { x: port ? spot.x - 1 : x - w / 2, y: spot.y - font.size * 0.6, w, h: font.size * 1.15 }
  return [
    { type: 'rect', ...plate, radius: 0, fill: palette.frameFill, minZoom: LEVEL.veths },
    { type: 'text', ...spot, text: value, font, ...look },
  ]
}
