import { useEffect, useRef } from 'react'
import { boundsOf } from './geometry.ts'
import type { Palette } from './palette.ts'
import type { Scene } from './scene.ts'
import type { Seen, SeenStore } from './seen.ts'

const WIDTH = 176
const HEIGHT = 116
const PAD = 8

type Props = {
  scene: Scene
  palette: Palette
  seen: SeenStore
  label: string
  onMove: (at: { x: number; y: number }) => void
}

/** The whole map, small, with the part that is on the screen; dragging moves the map. Pointer only: keys pan the map itself. */
export function Minimap({ scene, palette, seen, label, onMove }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const ctx = canvas.current?.getContext('2d')
    if (ctx) drawMinimap(ctx, scene, palette)
  }, [scene, palette])
  // Past React: this happens in every frame of a drag.
  useEffect(() => {
    const scale = scaleOf(scene)
    const follow = (): void => {
      const now = seen.now()
      if (now && frame.current) moveFrame(frame.current, now, scale)
    }
    follow()
    return seen.subscribe(follow)
  }, [scene, seen])
  const move = (event: React.PointerEvent<HTMLElement>): void => {
    if (event.buttons !== 1) return
    const box = event.currentTarget.getBoundingClientRect()
    const { scale, x, y } = scaleOf(scene)
    onMove({ x: (event.clientX - box.left - x) / scale, y: (event.clientY - box.top - y) / scale })
  }
  return (
    <div
      title={label}
      aria-hidden
      style={{ width: WIDTH, height: HEIGHT }}
      className="relative cursor-grab touch-none overflow-hidden rounded-lg border border-border bg-raised shadow-2 active:cursor-grabbing"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        move(event)
      }}
      onPointerMove={move}
    >
      <canvas ref={canvas} className="absolute inset-0 size-full" />
      <div
        ref={frame}
        style={{ borderColor: palette.selection }}
        className="pointer-events-none absolute top-0 left-0 rounded-xs border-[1.5px]"
      />
    </div>
  )
}

const SHOWN = new Set(['host', 'stack', 'bridge', 'macvlan', 'box', 'block', 'nic', 'tunnel', 'segment', 'peer'])

function drawMinimap(ctx: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
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
}

/** Puts the frame around what is on the screen, as far as that is within the overview. */
function moveFrame(frame: HTMLElement, { view, size }: Seen, { scale, x, y }: ReturnType<typeof scaleOf>): void {
  const left = Math.max((-view.pan.x / view.zoom) * scale + x, 1)
  const top = Math.max((-view.pan.y / view.zoom) * scale + y, 1)
  const right = Math.min(((size.w - view.pan.x) / view.zoom) * scale + x, WIDTH - 3)
  const bottom = Math.min(((size.h - view.pan.y) / view.zoom) * scale + y, HEIGHT - 3)
  const { style } = frame
  style.visibility = right > left && bottom > top ? 'visible' : 'hidden'
  style.transform = `translate(${left}px, ${top}px)`
  style.width = `${Math.max(0, right - left)}px`
  style.height = `${Math.max(0, bottom - top)}px`
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
