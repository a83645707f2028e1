import { paint, type View } from '../canvasPainter.ts'
import { type Palette, withAlpha } from '../palette.ts'
import type { Primitive } from '../primitive.ts'
import type { Scene } from '../scene.ts'
import type { Size } from '../views.ts'
import { wayRoute } from '../way/wayRoute.ts'
import { createPassing, type PassingDot, type PassingLine, type PassingPacket } from './passing.ts'

type Parts = {
  canvas: HTMLCanvasElement
  palette: Palette
  scene: () => Scene | undefined
  view: () => View
  size: () => Size
  /** Whether whoever looks wants nothing to move. */
  isStill: () => boolean
}

export type PassingLayer = {
  /** Lets packets run; how many were left out, because as many as may are running. */
  pass: (packets: readonly PassingPacket[]) => number
  /** The picture below was arranged anew. */
  arrange: () => void
  setPalette: (palette: Palette) => void
  /** How many run now, began so far, and were painted how often. */
  counts: () => { running: number; begun: number; frames: number }
  end: () => void
}

/**
 * The dots of packets that come by, on a canvas of their own above the map: a frame of theirs repaints nothing else. While none runs the canvas is
 * not there and nothing is asked of the browser; while the page is hidden it paints nothing, and what came by meanwhile has gone.
 */
export function createPassingLayer({ canvas, palette, scene, view, size, isStill }: Parts): PassingLayer {
  const ctx = canvas.getContext('2d')
  if (!ctx) throw new Error('this browser has no 2D canvas')
  let colours = palette
  let request: number | undefined
  let [begun, frames] = [0, 0]
  /** Most packets go the ways of others. */
  let lines = new Map<string, PassingLine>()
  const passing = createPassing((nodes) => {
    const key = nodes.join(' ')
    const known = lines.get(key)
    if (known) return known
    const drawn = scene()
    const { points, ends } = drawn ? wayRoute(drawn, [nodes]) : { points: [], ends: [] }
    const line = { points, length: ends.at(-1) ?? 0 }
    lines.set(key, line)
    return line
  })

  const draw = (): void => {
    request = undefined
    const dots = passing.at(performance.now())
    const ratio = Math.min(2, window.devicePixelRatio || 1)
    const { w, h } = size()
    const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)]
    // Setting its size empties it as well.
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
    ctx.setTransform(1, 0, 0, 1, 0, 0)
    ctx.clearRect(0, 0, width, height)
    canvas.hidden = passing.running() === 0
    if (canvas.hidden) return
    const { zoom, pan } = view()
    ctx.setTransform(zoom * ratio, 0, 0, zoom * ratio, pan.x * ratio, pan.y * ratio)
    paint(
      ctx,
      dots.flatMap((dot) => passingPrimitives(dot, { palette: colours, zoom })),
      { zoom, palette: colours, measure: () => 0 },
    )
    frames++
    schedule()
  }
  const schedule = (): void => {
    request ??= requestAnimationFrame(draw)
  }
  return {
    pass: (packets) => {
      if (isStill() || document.hidden) return 0
      const before = passing.running()
      const leftOut = passing.start(packets, performance.now())
      begun += passing.running() - before
      if (passing.running() > 0) schedule()
      return leftOut
    },
    arrange: () => {
      lines = new Map()
      passing.arrange()
    },
    setPalette: (next) => {
      colours = next
    },
    counts: () => ({ running: passing.running(), begun, frames }),
    end: () => {
      if (request !== undefined) cancelAnimationFrame(request)
    },
  }
}

/** A dot on its way, hollow when the packet will be lost, or the sign where it was: both say so without their colour as well. */
export function passingPrimitives(
  { x, y, isLost, fading }: PassingDot,
  { palette, zoom }: { palette: Palette; zoom: number },
): Primitive[] {
  // To be seen from afar as well.
  const r = Math.max(4.5, 4 / zoom)
  const colour = isLost ? palette.state.down : palette.selection
  if (fading === undefined) {
    const dot: Primitive = { type: 'circle', x, y, r, fill: colour, stroke: palette.background, width: r / 3 }
    return isLost ? [dot, { type: 'circle', x, y, r: r * 0.45, fill: palette.background }] : [dot]
  }
  const shown = 1 - fading
  return [
    {
      type: 'circle',
      x,
      y,
      r: r * 1.8,
      fill: withAlpha(palette.background, shown),
      stroke: withAlpha(colour, shown),
      width: r / 3,
    },
    { type: 'icon', d: CROSS, x, y, size: r * 3.2, stroke: withAlpha(colour, shown) },
  ]
}

const CROSS = 'M7 7 17 17M17 7 7 17'
