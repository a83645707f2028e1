import type { Point } from './geometry.ts'

export type Font = { size: number; weight: 400 | 500 | 600 | 700; family: 'sans' | 'mono' }

/**
 * The few shapes everything is made of, in model coordinates. The overlay, the PNG and the SVG paint the same lists, so
 * an exported picture cannot differ from the page.
 */
export type Primitive = (
  | {
      type: 'rect'
      /** Top left corner. */
      x: number
      y: number
      w: number
      h: number
      radius: number
      fill?: string
      stroke?: string
      width?: number
      dash?: readonly number[]
    }
  | {
      type: 'path'
      points: readonly Point[]
      closed?: boolean
      radius?: number
      fill?: string
      stroke?: string
      width?: number
      dash?: readonly number[]
    }
  | { type: 'circle'; x: number; y: number; r: number; fill?: string; stroke?: string; width?: number }
  | {
      type: 'icon'
      /** SVG path data on a 24 × 24 grid. */
      d: string
      /** Centre and side length. */
      x: number
      y: number
      size: number
      stroke: string
    }
  | TextPrimitive
) & {
  /** Shown from this zoom on. */
  minZoom?: number
  /** Shown below this zoom. */
  maxZoom?: number
}

export type TextPrimitive = {
  type: 'text'
  /** Anchor point; y is the vertical middle. */
  x: number
  y: number
  text: string
  font: Font
  color: string
  align: 'left' | 'center' | 'right'
  /** Cut with an ellipsis beyond this width. */
  maxWidth: number
  /** Height of the room it stands in: it may grow up to this to stay readable when zoomed out. */
  maxHeight: number
  /** Grow towards this many screen pixels when zoomed out (0 = never grow). */
  minScreen: number
  /** Drawn from bottom to top. */
  upright?: boolean
  /** A halo in this colour keeps it readable over lines. */
  halo?: string
}

/** Whether a primitive belongs to the level of detail of that zoom. */
export function isShown(p: Primitive, zoom: number): boolean {
  return zoom >= (p.minZoom ?? 0) && zoom < (p.maxZoom ?? Number.POSITIVE_INFINITY)
}

/** Screen pixels below which text is noise and is left out. */
export const SMALLEST_TEXT = 6.5

/** The font size in model pixels at a zoom, or undefined when the text would be unreadable or too big for its room. */
export function textSize(text: TextPrimitive, zoom: number): number | undefined {
  const wanted = Math.max(text.font.size, text.minScreen / zoom)
  const size = Math.min(wanted, Math.max(text.font.size, text.maxHeight))
  if (size * zoom < SMALLEST_TEXT) return undefined
  if (text.maxWidth < size * 1.6) return undefined
  return size
}

export type Measure = (text: string, font: Font) => number

/** The text cut to `maxWidth` with an ellipsis; empty when not even two letters fit. */
export function fitText(text: string, options: { font: Font; maxWidth: number; measure: Measure }): string {
  const { font, maxWidth, measure } = options
  if (measure(text, font) <= maxWidth) return text
  const letters = Array.from(text)
  let [low, high] = [0, letters.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (measure(`${letters.slice(0, middle).join('')}…`, font) <= maxWidth) low = middle
    else high = middle - 1
  }
  return low < 2 ? '' : `${letters.slice(0, low).join('').trimEnd()}…`
}
