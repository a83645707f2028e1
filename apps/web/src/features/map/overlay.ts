import { canvasMeasure, paint, type View } from './canvasPainter.ts'
import { bodyRadius, type DrawContext, type DrawnNode, drawBody, drawContent, LEVEL, type MapWords } from './drawing.ts'
import { midpoint } from './geometry.ts'
import { type Palette, withAlpha } from './palette.ts'
import type { Primitive } from './primitive.ts'
import type { Relations } from './relations.ts'
import type { DrawnEdge, Scene } from './scene.ts'
import { linePaint } from './style.ts'

/** What the overlay shows beside the scene. */
export type OverlayState = {
  /** Hovered, or else selected: everything else is dimmed. */
  lit?: { id: string; relations: Relations }
  selected?: string
  /** Node that the keyboard is at. */
  focused?: string
  /** Ids of nodes that just appeared, with the time (performance.now) of their appearance. */
  fresh: ReadonlyMap<string, number>
  /** Live rate texts by node id. */
  rates: ReadonlyMap<string, string>
}

/** How long something new stays marked, in milliseconds. */
export const FRESH_MS = 1800
const SCRIM = 0.72

export type Overlay = {
  draw: (input: { scene: Scene; view: View; state: OverlayState; now: number }) => void
  setLook: (palette: Palette, words: MapWords) => void
  resize: () => void
}

/** The canvas above cytoscape's: texts, cells, scrim, highlights, rates; in model coordinates. */
export function createOverlay(canvas: HTMLCanvasElement, palette: Palette, words: MapWords): Overlay {
  const ctx = canvas.getContext('2d')
  if (!ctx) throw new Error('this browser has no 2D canvas')
  let context: DrawContext = { palette, words, measure: canvasMeasure(ctx, palette) }
  let contents = new WeakMap<DrawnNode, Primitive[]>()
  const content = (drawn: DrawnNode): Primitive[] => {
    const known = contents.get(drawn)
    if (known) return known
    const made = drawContent(drawn, context)
    contents.set(drawn, made)
    return made
  }
  return {
    setLook: (nextPalette, nextWords) => {
      context = { palette: nextPalette, words: nextWords, measure: canvasMeasure(ctx, nextPalette) }
      contents = new WeakMap()
    },
    resize: () => {
      const ratio = Math.min(2, window.devicePixelRatio || 1)
      canvas.width = Math.round(canvas.clientWidth * ratio)
      canvas.height = Math.round(canvas.clientHeight * ratio)
    },
    draw: ({ scene, view, state, now }) => {
      const ratio = canvas.width / Math.max(1, canvas.clientWidth)
      ctx.setTransform(1, 0, 0, 1, 0, 0)
      ctx.clearRect(0, 0, canvas.width, canvas.height)
      const toModel = (): void =>
        ctx.setTransform(view.zoom * ratio, 0, 0, view.zoom * ratio, view.pan.x * ratio, view.pan.y * ratio)
      const put = (primitives: readonly Primitive[]): void =>
        paint(ctx, primitives, { zoom: view.zoom, palette: context.palette, measure: context.measure })
      toModel()
      const area = visibleArea(canvas, view)
      for (const drawn of scene.nodes.values()) if (touches(drawn, area)) put(content(drawn))
      put([...scene.nodes.values()].flatMap((drawn) => veil(drawn, context, content)))
      if (state.lit) {
        ctx.setTransform(1, 0, 0, 1, 0, 0)
        ctx.globalAlpha = SCRIM
        ctx.fillStyle = context.palette.background
        ctx.fillRect(0, 0, canvas.width, canvas.height)
        ctx.globalAlpha = 1
        toModel()
        put(highlight(scene, state.lit, { ...context, zoom: view.zoom }, content))
      }
      put(marks(scene, state, { palette: context.palette, now, zoom: view.zoom }))
      put(rateTexts(scene, state, context.palette))
    },
  }
}

/** Everything as primitives, in drawing order, for the exports. */
export function scenePrimitives(scene: Scene, context: DrawContext): Primitive[] {
  const nodes = [...scene.nodes.values()]
  const back = nodes.filter((d) => BACKDROP.has(d.node.kind))
  const front = nodes.filter((d) => !BACKDROP.has(d.node.kind))
  const small = front.filter((d) => SMALL.has(d.node.kind))
  const large = front.filter((d) => !SMALL.has(d.node.kind))
  const edges = [...scene.edges.values()].filter((e) => !e.edge.secondary)
  const lines = (over: boolean): Primitive[] =>
    edges.filter((e) => e.over === over).map((e) => line(e, context.palette))
  const bodies = (drawn: DrawnNode[]): Primitive[] => drawn.flatMap((d) => drawBody(d, context.palette))
  return [
    ...bodies(back),
    ...lines(false),
    ...bodies(large),
    ...lines(true),
    ...bodies(small),
    ...nodes.flatMap((d) => drawContent(d, context)),
    ...nodes.flatMap((d) => veil(d, context, (stale) => drawContent(stale, context))),
  ]
}

/** A host that nobody watches any more fades, but for its name and since when that is so. */
function veil(drawn: DrawnNode, { palette }: DrawContext, content: (drawn: DrawnNode) => Primitive[]): Primitive[] {
  if (drawn.staleSince === undefined) return []
  const { x, y, w, h } = drawn.rect
  const fill = withAlpha(palette.background, STALE_VEIL)
  return [
    {
      type: 'rect',
      x: x - w / 2 + 1,
      y: y - h / 2 + 1,
      w: w - 2,
      h: h - 2,
      radius: bodyRadius('host', drawn.rect),
      fill,
    },
    ...content(drawn),
  ]
}

const STALE_VEIL = 0.5

const BACKDROP = new Set(['host', 'bay'])
const SMALL = new Set(['interface', 'port', 'entrance', 'resident'])

function line({ edge, route }: DrawnEdge, palette: Palette): Primitive {
  const base = linePaint(edge.kind, palette)
  return edge.state === 'down'
    ? { type: 'path', points: route, stroke: palette.state.down, width: base.width, dash: [4, 3] }
    : { type: 'path', points: route, ...base }
}

/** The lit objects painted once more above the scrim: lines, bodies, texts, and what is at both ends of the veth. */
function highlight(
  scene: Scene,
  { relations }: { relations: Relations },
  context: DrawContext & { zoom: number },
  content: (drawn: DrawnNode) => Primitive[],
): Primitive[] {
  const { palette } = context
  const nodes = [...relations.nodes].flatMap((id) => scene.nodes.get(id) ?? [])
  const solid = nodes.filter((d) => !BACKDROP.has(d.node.kind))
  const edges = [...relations.edges].flatMap((id) => scene.edges.get(id) ?? [])
  const lit = (e: DrawnEdge): Primitive =>
    ({
      ...line(e, palette),
      stroke: palette.selection,
      width: 2.25,
      ...(e.edge.secondary && { dash: [6, 4] }),
    }) as Primitive // line() makes paths
  const over = (e: DrawnEdge): boolean => e.over || e.edge.secondary === true
  const labelled = edges.filter((e) => e.edge.label !== undefined)
  const small = solid.filter((d) => SMALL.has(d.node.kind))
  const large = solid.filter((d) => !SMALL.has(d.node.kind))
  return [
    ...edges.filter((e) => !over(e)).map(lit),
    ...large.flatMap((d) => drawBody(d, palette)),
    ...edges.filter(over).map(lit),
    ...small.flatMap((d) => drawBody(d, palette)),
    ...nodes.flatMap(content),
    ...(labelled.length <= MOST_LABELS ? labelled.flatMap((e) => edgeLabel(e, context)) : []),
  ]
}

/** More labels than these would hide what they speak of: a whole bridge is lit. */
const MOST_LABELS = 4

/** What a line says of itself: beside a veth's port, else in its middle; never smaller than it can be read. */
function edgeLabel(
  { edge, route }: DrawnEdge,
  { palette, measure, zoom }: DrawContext & { zoom: number },
): Primitive[] {
  const middle = midpoint(route)
  if (!edge.label || !middle) return []
  const font = { size: Math.max(9, 10.5 / zoom), weight: 500, family: 'mono' } as const
  const [w, h] = [measure(edge.label, font) + font.size * 1.2, font.size * 1.7]
  const left = route.reduce((a, p) => (p.x < a.x ? p : a), middle)
  const at = edge.kind === 'veth' ? { x: left.x - w / 2 - 8, y: left.y } : middle
  const plate = {
    x: at.x - w / 2,
    y: at.y - h / 2,
    w,
    h,
    radius: h / 3,
    fill: palette.frameFill,
    stroke: palette.selection,
  }
  const text = {
    x: at.x,
    y: at.y + font.size * 0.05,
    text: edge.label,
    font,
    color: palette.ink,
    align: 'center',
  } as const
  return [
    { type: 'rect', ...plate, width: 1 / zoom },
    { type: 'text', ...text, maxWidth: w, maxHeight: h, minScreen: 0 },
  ]
}

function marks(
  scene: Scene,
  { selected, focused, fresh }: OverlayState,
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
  if (selected !== focused) rings.push(...ring(selected, palette.selection, 2, 2))
  rings.push(...ring(focused, focused === selected ? palette.selection : palette.focus, 2, 2))
  return rings
}

function rateTexts(scene: Scene, { rates }: OverlayState, palette: Palette): Primitive[] {
  const texts: Primitive[] = []
  for (const [id, value] of rates) {
    const drawn = scene.nodes.get(id)
    if (!drawn) continue
    const { x, y, h } = drawn.rect
    const port = drawn.node.kind === 'port'
    const spot = port
      ? ({ x: x + 7, y: y + 7, align: 'left', maxWidth: 34 } as const)
      : ({ x, y: y + h / 2 + 8, align: 'center', maxWidth: 130 } as const)
    const font = { size: port ? 6.5 : 8, weight: 500, family: 'mono' } as const
    const look = { color: palette.ink, halo: palette.frameFill, maxHeight: 10, minScreen: 0, minZoom: LEVEL.veths }
    texts.push({ type: 'text', ...spot, text: value, font, ...look })
  }
  return texts
}

function visibleArea(
  canvas: HTMLCanvasElement,
  { zoom, pan }: View,
): { left: number; top: number; right: number; bottom: number } {
  const [left, top] = [-pan.x / zoom, -pan.y / zoom]
  return { left, top, right: left + canvas.clientWidth / zoom, bottom: top + canvas.clientHeight / zoom }
}

/** Labels may stand a little outside of their node: a margin of 40 model pixels. */
function touches({ rect }: DrawnNode, area: { left: number; top: number; right: number; bottom: number }): boolean {
  const [w, h] = [rect.w / 2 + 40, rect.h / 2 + 40]
  return rect.x + w > area.left && rect.x - w < area.right && rect.y + h > area.top && rect.y - h < area.bottom
}
