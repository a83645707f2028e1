import type { Layout, Topology } from '@hopscope/topology'
import { canvasMeasure, paint } from './canvasPainter.ts'
import type { DrawContext, MapWords } from './drawn.ts'
import type { Palette } from './palette.ts'
import { scenePrimitives } from './picture.ts'
import type { Scene } from './scene.ts'
import { toSvg } from './svg.ts'

export const EXPORTS = ['png', 'svg', 'json'] as const
export type ExportFormat = (typeof EXPORTS)[number]

type Input = { scene: Scene; topology: Topology; palette: Palette; words: MapWords; title: string }

/** Pictures show as much as a map that is zoomed in. */
const DETAIL = 1.2
/** Pixels per model unit, and the longest side that browsers still allocate. */
const SCALE = 2
const LONGEST = 12_000
const MARGIN = 60

/** The whole map as a file in that format. Throws when the browser cannot make the picture. */
export async function exportMap(format: ExportFormat, input: Input): Promise<Blob> {
  switch (format) {
    case 'png':
      return png(input)
    case 'svg':
      return new Blob([svg(input)], { type: 'image/svg+xml' })
    case 'json':
      return new Blob([mapJson(input.topology, layoutOf(input.scene))], { type: 'application/json' })
  }
}

/** Topology and layout as JSON text, indented; the maps become objects by id. */
export function mapJson(topology: Topology, layout: Layout): string {
  const { bounds } = layout
  const placed = { nodes: Object.fromEntries(layout.nodes), bends: Object.fromEntries(layout.bends), bounds }
  return `${JSON.stringify({ topology, layout: placed }, null, 2)}\n`
}

/** Offers a file to be saved. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

async function png(input: Input): Promise<Blob> {
  const bounds = framed(input.scene)
  const scale = Math.min(SCALE, LONGEST / bounds.w, LONGEST / bounds.h)
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(bounds.w * scale)
  canvas.height = Math.ceil(bounds.h * scale)
  const { ctx, context } = drawing(canvas, input)
  ctx.fillStyle = input.palette.background
  ctx.fillRect(0, 0, canvas.width, canvas.height)
  ctx.setTransform(scale, 0, 0, scale, -bounds.x * scale, -bounds.y * scale)
  paint(ctx, scenePrimitives(input.scene, context), { zoom: DETAIL, palette: input.palette, measure: context.measure })
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'))
  if (!blob) throw new Error(`a picture of ${canvas.width} × ${canvas.height} pixels is too large for this browser`)
  return blob
}

function svg(input: Input): string {
  const { context } = drawing(document.createElement('canvas'), input)
  const options = { bounds: framed(input.scene), palette: input.palette, measure: context.measure, title: input.title }
  return toSvg(scenePrimitives(input.scene, context), { ...options, zoom: DETAIL })
}

function drawing(
  canvas: HTMLCanvasElement,
  { palette, words }: Input,
): { ctx: CanvasRenderingContext2D; context: DrawContext } {
  const ctx = canvas.getContext('2d')
  if (!ctx) throw new Error('this browser has no 2D canvas')
  return { ctx, context: { palette, words, measure: canvasMeasure(ctx, palette) } }
}

function framed({ bounds }: Scene): Layout['bounds'] {
  return { x: bounds.x - MARGIN, y: bounds.y - MARGIN, w: bounds.w + 2 * MARGIN, h: bounds.h + 2 * MARGIN }
}

/** Lines as they are drawn: every one with all its points. */
function layoutOf({ nodes, edges, bounds }: Scene): Layout {
  return {
    nodes: new Map([...nodes].map(([id, drawn]) => [id, drawn.rect])),
    bends: new Map([...edges].map(([id, drawn]) => [id, drawn.route])),
    bounds,
  }
}
