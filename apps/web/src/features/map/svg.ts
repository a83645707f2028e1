import type { Palette } from './palette.ts'
import { fitText, isShown, type Measure, type Primitive, type TextPrimitive } from './primitive.ts'

export type SvgOptions = {
  bounds: { x: number; y: number; w: number; h: number }
  palette: Palette
  measure: Measure
  title: string
  /** Level of detail: what the page shows at this zoom. */
  zoom: number
}

/** A self-contained SVG document of the primitives, every text and attribute escaped. */
export function toSvg(primitives: readonly Primitive[], options: SvgOptions): string {
  const { x, y, w, h } = options.bounds
  const box = [x, y, w, h].map(num).join(' ')
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" width="${num(w)}" height="${num(h)}" role="img">`,
    `<title>${escapeXml(options.title)}</title>`,
    `<rect${attributes({ x: num(x), y: num(y), width: num(w), height: num(h), fill: options.palette.background })}/>`,
    ...primitives.filter((p) => isShown(p, options.zoom)).map((p) => element(p, options)),
    '</svg>',
    '',
  ].join('\n')
}

/** Escaped for text and for attributes in double quotes; characters that XML forbids become U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '\uFFFD').replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

// XML 1.0 allows tab, line feed, carriage return and no other control characters, no lone surrogates.
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to remove
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

function element(p: Primitive, options: SvgOptions): string {
  if (p.type === 'text') return text(p, options)
  if (p.type === 'icon') return icon(p)
  const paint = {
    fill: p.fill ?? 'none',
    stroke: p.stroke,
    'stroke-width': p.stroke ? num(p.width ?? 1) : undefined,
    'stroke-dasharray': p.type !== 'circle' && p.dash ? p.dash.map(num).join(' ') : undefined,
  }
  if (p.type === 'circle') return `<circle${attributes({ cx: num(p.x), cy: num(p.y), r: num(p.r), ...paint })}/>`
  if (p.type === 'path') {
    const d = `${p.points.map((q, i) => `${i ? 'L' : 'M'}${num(q.x)} ${num(q.y)}`).join('')}${p.closed ? 'Z' : ''}`
    return `<path${attributes({ d, 'stroke-linejoin': 'round', ...paint })}/>`
  }
  const size = { x: num(p.x), y: num(p.y), width: num(p.w), height: num(p.h), rx: num(Math.min(p.radius, p.h / 2)) }
  return `<rect${attributes({ ...size, ...paint })}/>`
}

function icon(p: Extract<Primitive, { type: 'icon' }>): string {
  const transform = `translate(${num(p.x - p.size / 2)} ${num(p.y - p.size / 2)}) scale(${num(p.size / 24)})`
  const paint = { fill: 'none', stroke: p.stroke, 'stroke-width': '2', 'stroke-linecap': 'round' }
  return `<path${attributes({ d: p.d, transform, ...paint })}/>`
}

function text(p: TextPrimitive, { palette, measure }: SvgOptions): string {
  const shown = fitText(p.text, { font: p.font, maxWidth: p.maxWidth, measure })
  if (!shown) return ''
  const anchor = { left: 'start', center: 'middle', right: 'end' }[p.align]
  const at = attributes({
    x: num(p.x),
    y: num(p.y),
    'text-anchor': anchor,
    'dominant-baseline': 'central',
    'font-family': p.font.family === 'mono' ? palette.mono : palette.sans,
    'font-size': num(p.font.size),
    'font-weight': String(p.font.weight),
    fill: p.color,
    transform: p.upright ? `rotate(-90 ${num(p.x)} ${num(p.y)})` : undefined,
  })
  return `<text${at}>${escapeXml(shown)}</text>`
}

function attributes(values: Record<string, string | undefined>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeXml(value)}"`))
    .join('')
}

const num = (n: number): string => String(Math.round(n * 100) / 100)
