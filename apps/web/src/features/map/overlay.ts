import type { NodeKind } from '@hopscope/topology'
import { drawBody } from './body.ts'
import { canvasMeasure, paint, type View } from './canvasPainter.ts'
import { drawContent } from './content.ts'
import { type Area, clipTo, grown, isNodeIn } from './damage.ts'
import { type DrawContext, type DrawnNode, LEVEL, type MapWords } from './drawn.ts'
import { ghostPrimitives } from './ghosts/ghostPrimitives.ts'
import { litPrimitives } from './lit.ts'
import { markPrimitives, type OverlayState, ratePrimitives } from './marks.ts'
import type { Palette } from './palette.ts'
import { veil } from './picture.ts'
import { pullPrimitives } from './plug/pull.ts'
import type { Primitive } from './primitive.ts'
import type { RateTexts } from './rates.ts'
import type { Scene } from './scene.ts'
import type { Size } from './views.ts'
import { dotPrimitives, wayPrimitives } from './way/wayLine.ts'

const SCRIM = 0.72

/** Labels may stand a little outside of their node, in model pixels. */
const LABEL = 40
/** Rings stand around theirs, in pixels of the screen. */
const RING = 8

export type Overlay = {
  /** Paints what is in sight, or only these areas of it when the rest is as it was. */
  draw: (input: {
    scene: Scene
    view: View
    state: OverlayState
    now: number
    areas?: readonly Area[] | undefined
  }) => void
  setLook: (palette: Palette, words: MapWords) => void
  resize: () => void
}

/** The canvas above cytoscape's: texts, cells, scrim, highlights, rates; in model coordinates. */
export function createOverlay(canvas: HTMLCanvasElement, palette: Palette, words: MapWords): Overlay {
  const ctx = canvas.getContext('2d')
  if (!ctx) throw new Error('this browser has no 2D canvas')
  let context: DrawContext = { palette, words, measure: canvasMeasure(ctx, palette) }
  // Asking for it in every frame would make the browser compute its layout in every frame.
  let size: Size = { w: 0, h: 0 }
  let contents = new WeakMap<DrawnNode, Primitive[]>()
  const content = (drawn: DrawnNode): Primitive[] => {
    const known = contents.get(drawn)
    if (known) return known
    const made = drawContent(drawn, context)
    contents.set(drawn, made)
    return made
  }
  // The same rates are drawn in all frames until the next sample, and their texts are fitted once.
  let rated: { of: RateTexts; parts: WeakMap<DrawnNode, Primitive[]> } | undefined
  const rate = (drawn: DrawnNode, of: RateTexts): Primitive[] => {
    if (rated?.of !== of) rated = { of, parts: new WeakMap() }
    const known = rated.parts.get(drawn)
    if (known) return known
    const value = of(drawn.node)
    const made = value === undefined ? [] : ratePrimitives(drawn, value, context.palette)
    rated.parts.set(drawn, made)
    return made
  }
  return {
    setLook: (nextPalette, nextWords) => {
      context = { palette: nextPalette, words: nextWords, measure: canvasMeasure(ctx, nextPalette) }
      contents = new WeakMap()
      rated = undefined
    },
    resize: () => {
      const ratio = Math.min(2, window.devicePixelRatio || 1)
      size = { w: canvas.clientWidth, h: canvas.clientHeight }
      canvas.width = Math.round(size.w * ratio)
      canvas.height = Math.round(size.h * ratio)
    },
    draw: ({ scene, view, state, now, areas }) => {
      const ratio = canvas.width / Math.max(1, size.w)
      const seen = visibleArea(size, view)
      // Texts and rings of what changed reach beyond it.
      const parts = areas?.map((a) => grown(a, Math.max(LABEL, RING / view.zoom)))
      ctx.save()
      if (parts) clipTo(ctx, parts, { zoom: view.zoom * ratio, pan: { x: view.pan.x * ratio, y: view.pan.y * ratio } })
      ctx.setTransform(1, 0, 0, 1, 0, 0)
      ctx.clearRect(0, 0, canvas.width, canvas.height)
      const toModel = (): void =>
        ctx.setTransform(view.zoom * ratio, 0, 0, view.zoom * ratio, view.pan.x * ratio, view.pan.y * ratio)
      const { palette, measure } = context
      const options = { zoom: view.zoom, palette, measure, pen: {} }
      const put = (primitives: readonly Primitive[]): void => paint(ctx, primitives, options)
      toModel()
      const within = parts?.map((a) => grown(a, 1 / view.zoom)) ?? [seen]
      for (const [kind, list] of byKind(scene)) {
        if (view.zoom < (FROM[kind] ?? 0)) continue
        for (const drawn of list) {
          if (!isNodeIn(drawn, within, LABEL)) continue
          const aside = kind === 'host' ? titleShift(drawn, seen.left) : 0
          if (aside > 0) ctx.translate(aside, 0)
          put(content(drawn))
          if (aside > 0) toModel()
        }
      }
      for (const host of byKind(scene).get('host') ?? []) put(veil(host, context, content))
      const dim = (): void => {
        ctx.setTransform(1, 0, 0, 1, 0, 0)
        ctx.globalAlpha = SCRIM
        ctx.fillStyle = context.palette.background
        ctx.fillRect(0, 0, canvas.width, canvas.height)
        ctx.globalAlpha = 1
        toModel()
      }
      if (state.pull) {
        dim()
        put(pullPrimitives(scene, state.pull, { ...context, zoom: view.zoom }, content))
      } else if (state.lit) {
        dim()
        put(litPrimitives(scene, state.lit, { ...context, zoom: view.zoom }, content))
      }
      if (state.ghosts) put(ghostPrimitives(state.ghosts, { ...context, zoom: view.zoom }, content))
      if (state.way) {
        const look = { palette, zoom: view.zoom }
        put(wayPrimitives(state.way, state.dot, look))
        // The line goes behind what has a name in it.
        for (const id of state.way.route.nodes) {
          const drawn = scene.nodes.get(id)
          if (drawn && NAMED.has(drawn.node.kind)) put([...drawBody(drawn, palette), ...content(drawn)])
        }
        put(dotPrimitives(state.way, state.dot, look))
      }
      put(markPrimitives(scene, state, { palette: context.palette, now, zoom: view.zoom }))
      if (view.zoom >= LEVEL.veths)
        for (const kind of RATED)
          for (const drawn of byKind(scene).get(kind) ?? [])
            if (isNodeIn(drawn, within, LABEL)) put(rate(drawn, state.rates))
      ctx.restore()
    },
  }
}

/** Small things that a line would make unreadable. */
const NAMED = new Set<NodeKind>(['nic', 'segment', 'peer', 'interface', 'tunnel'])

/** What has a rate beside it. */
const RATED: readonly NodeKind[] = ['port', 'nic', 'tunnel']

/** Zoom below which nodes of a kind have nothing to show: most nodes of a large map. */
const FROM: Partial<Record<NodeKind, number>> = { interface: LEVEL.names, port: LEVEL.veths }

const sorted = new WeakMap<Scene, Map<NodeKind, DrawnNode[]>>()

/** The nodes of a scene by kind, each in drawing order. */
function byKind(scene: Scene): Map<NodeKind, DrawnNode[]> {
  const known = sorted.get(scene)
  if (known) return known
  const kinds = new Map<NodeKind, DrawnNode[]>()
  for (const drawn of scene.nodes.values()) {
    const list = kinds.get(drawn.node.kind)
    if (list) list.push(drawn)
    else kinds.set(drawn.node.kind, [drawn])
  }
  sorted.set(scene, kinds)
  return kinds
}

function visibleArea({ w, h }: Size, { zoom, pan }: View): Area {
  const [left, top] = [-pan.x / zoom, -pan.y / zoom]
  return { left, top, right: left + w / zoom, bottom: top + h / zoom }
}

/** A host's name stays in sight while any of its frame is: how far it has to go to the right, in model pixels. */
function titleShift({ rect, staleSince }: DrawnNode, left: number): number {
  // What is said at the right end would leave the frame.
  if (staleSince !== undefined) return 0
  return Math.max(0, Math.min(left - (rect.x - rect.w / 2), rect.w - 220))
}
