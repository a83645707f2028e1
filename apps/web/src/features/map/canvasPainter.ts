import type { Palette } from './palette.ts'
import { type Font, fitText, isShown, type Measure, type Primitive, type TextPrimitive, textSize } from './primitive.ts'

export type View = { zoom: number; pan: { x: number; y: number } }

/** What a canvas was told last: telling it the same font again costs more than the text. Good until somebody else draws on it. */
export type Pen = { font?: string }

type Options = { zoom: number; palette: Palette; measure: Measure; pen?: Pen }

/** Paints primitives on a canvas whose transform is already the model's; `zoom` decides which texts are readable. */
export function paint(ctx: CanvasRenderingContext2D, primitives: readonly Primitive[], options: Options): void {
  const { pen = {} } = options
  for (const p of primitives) {
    if (!isShown(p, options.zoom)) continue
    if (p.type === 'text') paintText(ctx, p, { options, pen })
    else if (p.type === 'icon') paintIcon(ctx, p)
    else if (p.type === 'rect' && isPlain(p, options.zoom)) paintPlain(ctx, p)
    else paintShape(ctx, p)
  }
}

/** CSS font string in the palette's families; size in the canvas' current unit. */
export function cssFont(font: Font, palette: Palette): string {
  return `${font.weight} ${font.size}px ${font.family === 'mono' ? palette.mono : palette.sans}`
}

/** Text widths by a real canvas, remembered per text and font at 100 px and scaled. */
export function canvasMeasure(ctx: CanvasRenderingContext2D, palette: Palette): Measure {
  const known = new Map<string, number>()
  return (text, font) => {
    const key = `${font.weight}${font.family}${text}`
    let width = known.get(key)
    if (width === undefined) {
      ctx.save()
      ctx.font = cssFont({ ...font, size: 100 }, palette)
      width = ctx.measureText(text).width / 100
      ctx.restore()
      if (known.size > 20_000) known.clear()
      known.set(key, width)
    }
    return width * font.size
  }
}

type Rect = Extract<Primitive, { type: 'rect' }>

/** A filled rectangle whose round corners nobody can see: several times cheaper, and a large map has thousands. */
const isPlain = (p: Rect, zoom: number): boolean => p.fill !== undefined && !p.stroke && p.radius * zoom < 1.2

function paintPlain(ctx: CanvasRenderingContext2D, p: Rect): void {
  ctx.fillStyle = p.fill ?? ''
  ctx.fillRect(p.x, p.y, p.w, p.h)
}

function paintShape(ctx: CanvasRenderingContext2D, p: Exclude<Primitive, { type: 'text' | 'icon' }>): void {
  ctx.beginPath()
  if (p.type === 'rect') ctx.roundRect(p.x, p.y, p.w, p.h, Math.min(p.radius, p.w / 2, p.h / 2))
  else if (p.type === 'circle') ctx.arc(p.x, p.y, p.r, 0, 2 * Math.PI)
  else tracePath(ctx, p)
  if (p.fill) {
    ctx.fillStyle = p.fill
    ctx.fill()
  }
  if (p.stroke && p.width) {
    ctx.strokeStyle = p.stroke
    ctx.lineWidth = p.width
    ctx.setLineDash(p.type !== 'circle' && p.dash ? [...p.dash] : [])
    ctx.stroke()
  }
}

const iconPaths = new Map<string, Path2D>()

function paintIcon(ctx: CanvasRenderingContext2D, p: Extract<Primitive, { type: 'icon' }>): void {
  const path = iconPaths.get(p.d) ?? new Path2D(p.d)
  iconPaths.set(p.d, path)
  ctx.save()
  ctx.translate(p.x - p.size / 2, p.y - p.size / 2)
  ctx.scale(p.size / 24, p.size / 24)
  ctx.strokeStyle = p.stroke
  ctx.lineWidth = 2
  ctx.lineCap = 'round'
  ctx.lineJoin = 'round'
  ctx.setLineDash([])
  ctx.stroke(path)
  ctx.restore()
}

function tracePath(ctx: CanvasRenderingContext2D, p: Extract<Primitive, { type: 'path' }>): void {
  const [first, ...rest] = p.points
  if (!first) return
  ctx.moveTo(first.x, first.y)
  for (const [i, point] of rest.entries()) {
    const next = rest[i + 1]
    if (p.radius && next) ctx.arcTo(point.x, point.y, next.x, next.y, p.radius)
    else ctx.lineTo(point.x, point.y)
  }
  if (p.closed) ctx.closePath()
}

function paintText(
  ctx: CanvasRenderingContext2D,
  p: TextPrimitive,
  { options, pen }: { options: Options; pen: Pen },
): void {
  const { size, text, font } = fittedText(p, options)
  if (!text) return
  if (pen.font !== font) {
    ctx.font = font
    pen.font = font
  }
  ctx.textAlign = p.align
  ctx.textBaseline = 'middle'
  if (p.upright) {
    ctx.save()
    ctx.translate(p.x, p.y)
    ctx.rotate(-Math.PI / 2)
  }
  const [x, y] = p.upright ? [0, 0] : [p.x, p.y]
  if (p.halo) {
    ctx.strokeStyle = p.halo
    ctx.lineWidth = size * 0.35
    ctx.lineJoin = 'round'
    ctx.setLineDash([])
    ctx.strokeText(text, x, y)
  }
  ctx.fillStyle = p.color
  ctx.fillText(text, x, y)
  if (p.upright) ctx.restore()
}

/** How a text is painted at a zoom; an empty one is not. */
type Fitted = { zoom: number; measure: Measure; size: number; text: string; font: string }

/** While the view is only moved, every text stays as it was fitted last. */
const fitted = new WeakMap<TextPrimitive, Fitted>()

function fittedText(p: TextPrimitive, options: Options): Fitted {
  const known = fitted.get(p)
  // A measure belongs to one palette and its fonts.
  if (known?.zoom === options.zoom && known.measure === options.measure) return known
  const made = { zoom: options.zoom, measure: options.measure, ...fittedAt(p, options) }
  fitted.set(p, made)
  return made
}

function fittedAt(p: TextPrimitive, { zoom, palette, measure }: Options): Pick<Fitted, 'size' | 'text' | 'font'> {
  const wanted = textSize(p, zoom)
  if (wanted === undefined) return { size: 0, text: '', font: '' }
  // A text that grew to be readable gives way again before it loses letters.
  const least = Math.min(wanted, Math.max(p.font.size, 8 / zoom))
  const fits = wanted === least || measure(p.text, { ...p.font, size: wanted }) <= p.maxWidth
  const size = fits ? wanted : least
  const font = { ...p.font, size }
  return { size, text: fitText(p.text, { font, maxWidth: p.maxWidth, measure }), font: cssFont(font, palette) }
}
