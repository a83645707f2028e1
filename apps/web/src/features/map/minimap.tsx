import { useEffect, useRef } from 'react'
import type { View } from './canvasPainter.ts'
import { boundsOf } from './geometry.ts'
import type { Palette } from './palette.ts'
import type { Scene } from './scene.ts'
import type { Size } from './views.ts'

const WIDTH = 176
const HEIGHT = 116
const PAD = 8

type Props = {
  scene: Scene
  palette: Palette
  view: View
  size: Size
  label: string
  onMove: (at: { x: number; y: number }) => void
}

/** The whole map, small, with the part that is on the screen; dragging moves the map. Pointer only: keys pan the map itself. */
export function Minimap({ scene, palette, view, size, label, onMove }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const ctx = canvas.current?.getContext('2d')
    if (ctx) drawMinimap(ctx, { scene, palette, view, size })
  }, [scene, palette, view, size])
  const move = (event: React.PointerEvent<HTMLCanvasElement>): void => {
    if (event.buttons !== 1) return
    const box = event.currentTarget.getBoundingClientRect()
    const { scale, x, y } = scaleOf(scene)
    onMove({ x: (event.clientX - box.left - x) / scale, y: (event.clientY - box.top - y) / scale })
  }
  return (
    <canvas
      ref={canvas}
      title={label}
      aria-hidden
      style={{ width: WIDTH, height: HEIGHT }}
      className="cursor-grab touch-none rounded-lg border border-border bg-raised shadow-2 active:cursor-grabbing"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        move(event)
      }}
      onPointerMove={move}
    />
  )
}

const SHOWN = new Set(['host', 'stack', 'bridge', 'macvlan', 'box', 'block', 'nic', 'tunnel', 'segment', 'peer'])

function drawMinimap(
  ctx: CanvasRenderingContext2D,
  { scene, palette, view, size }: { scene: Scene; palette: Palette; view: View; size: Size },
): void {
  const ratio = Math.min(2, window.devicePixelRatio || 1)
  ctx.canvas.width = WIDTH * ratio
  ctx.canvas.height = HEIGHT * ratio
  const { scale, x, y } = scaleOf(scene)
  ctx.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * x, ratio * y)
  for (const { node, rect } of scene.nodes.values()) {
    if (!SHOWN.has(node.kind)) continue
    const host = node.kind === 'host'
    ctx.fillStyle = host
      ? palette.frameFill
      : node.state === 'down'
        ? palette.state.down
        : palette.kinds[node.kind].line
    ctx.globalAlpha = host ? 1 : node.kind === 'box' ? 0.45 : 0.75
    ctx.fillRect(rect.x - rect.w / 2, rect.y - rect.h / 2, rect.w, rect.h)
    if (!host) continue
    ctx.strokeStyle = palette.frame
    ctx.lineWidth = 1 / scale
    ctx.strokeRect(rect.x - rect.w / 2, rect.y - rect.h / 2, rect.w, rect.h)
  }
  ctx.globalAlpha = 1
  ctx.strokeStyle = palette.selection
  ctx.lineWidth = 1.5 / scale
  const inner = 1 / scale
  const left = Math.max(-view.pan.x / view.zoom, inner - x / scale)
  const top = Math.max(-view.pan.y / view.zoom, inner - y / scale)
  const right = Math.min((size.w - view.pan.x) / view.zoom, (WIDTH - x) / scale - inner)
  const bottom = Math.min((size.h - view.pan.y) / view.zoom, (HEIGHT - y) / scale - inner)
  if (right > left && bottom > top) ctx.strokeRect(left, top, right - left, bottom - top)
}

function scaleOf(scene: Scene): { scale: number; x: number; y: number } {
  const bounds = boundsOf([...scene.nodes.values()].map((d) => d.rect)) ?? scene.bounds
  const scale = Math.min((WIDTH - 2 * PAD) / Math.max(1, bounds.w), (HEIGHT - 2 * PAD) / Math.max(1, bounds.h))
  return {
    scale,
    x: (WIDTH - bounds.w * scale) / 2 - bounds.x * scale,
    y: (HEIGHT - bounds.h * scale) / 2 - bounds.y * scale,
  }
}
