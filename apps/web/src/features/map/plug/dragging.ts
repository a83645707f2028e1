import type { Point } from '../geometry.ts'
import type { MapCallbacks, MapController } from '../mapController.ts'

/** What the page lays over the map for dragging: a handle to take hold of, and a line of text beside the pointer. */
export type DragParts = { handle: HTMLElement; tip: HTMLElement }

export type Dragging = {
  /** Shows the handle at a node that can be dragged; a moment later none any more, so that one can reach it. */
  offer: (id: string | undefined) => void
  /** Takes the handle away at once, and puts it back where its node is then. */
  hide: () => void
  follow: () => void
  /** Begins to pull a node; false when it cannot be dragged. `at` in client pixels. */
  begin: (id: string, at: Point) => boolean
  move: (at: Point) => void
  /** Lets go: over a bar that can be, this asks for the command. */
  drop: () => void
  cancel: () => void
  isOn: () => boolean
  end: () => void
}

/** How long the handle stays when the pointer has left its node, in milliseconds. */
const GRACE_MS = 300
/** A bar this near to the pointer is meant, in CSS pixels. */
const NEAR = 8
/** Near the edge the map moves along: how near, and by how much a frame, in CSS pixels. */
const EDGE = { near: 36, step: 9 }

/** Dragging links and containers onto bridges. Drawn on the overlay: nothing of cytoscape's is touched. */
export function createDragging(map: MapController, { handle, tip }: DragParts, callbacks: MapCallbacks): Dragging {
  let offered: string | undefined
  let leaving: ReturnType<typeof setTimeout> | undefined
  let client: Point = { x: 0, y: 0 }
  let frame: number | undefined
  const box = () => map.cy.container()?.getBoundingClientRect() ?? new DOMRect()
  const toModel = ({ x, y }: Point): Point => {
    const { left, top } = box()
    const { zoom, pan } = map.view()
    return { x: (x - left - pan.x) / zoom, y: (y - top - pan.y) / zoom }
  }
  const hide = (): void => {
    clearTimeout(leaving)
    offered = undefined
    handle.hidden = true
  }
  const follow = (): void => {
    const drawn = offered === undefined ? undefined : map.scene()?.nodes.get(offered)
    if (!drawn || map.pull()) {
      handle.hidden = true
      return
    }
    const { zoom, pan } = map.view()
    const { x, y, w, h } = drawn.rect
    // A port is a small dot, a box has its name and marks above: below it, and at its lower right corner.
    const dot = drawn.node.kind === 'port'
    const at = dot ? { x, y: y + h / 2 + 12 / zoom } : { x: x + w / 2, y: drawn.node.kind === 'box' ? y + h / 2 : y }
    handle.style.transform = `translate(${at.x * zoom + pan.x}px, ${at.y * zoom + pan.y}px)`
    handle.hidden = false
  }
  const say = (): void => {
    const pull = map.pull()
    tip.hidden = !pull
    if (!pull) return
    const verdict = pull.over === undefined ? undefined : pull.plugging.verdicts.get(pull.over)
    const text = verdict?.text ?? pull.plugging.hint
    if (tip.textContent !== text) tip.textContent = text
    tip.dataset.verdict = verdict ? (verdict.ok ? 'yes' : 'no') : 'none'
    const { left, top, width, height } = box()
    const x = Math.min(client.x - left + 16, Math.max(8, width - tip.offsetWidth - 8))
    const y = Math.min(client.y - top + 20, Math.max(8, height - tip.offsetHeight - 8))
    tip.style.transform = `translate(${x}px, ${y}px)`
  }
  const update = (): void => {
    const pull = map.pull()
    if (!pull) return
    const at = toModel(client)
    map.setPull({ ...pull, at, over: barAt(map, pull.plugging.verdicts.keys(), at) })
    say()
  }
  const alongEdge = (): void => {
    frame = undefined
    if (!map.pull()) return
    const { left, top, right, bottom } = box()
    const push = (low: number, high: number): number =>
      low < EDGE.near ? EDGE.step : high < EDGE.near ? -EDGE.step : 0
    const [x, y] = [push(client.x - left, right - client.x), push(client.y - top, bottom - client.y)]
    if (x || y) {
      map.cy.panBy({ x, y })
      update()
    }
    frame = requestAnimationFrame(alongEdge)
  }
  const stop = (): void => {
    if (frame !== undefined) cancelAnimationFrame(frame)
    frame = undefined
    map.setPull(undefined)
    removeEventListener('keydown', onKey, true)
    say()
    hide()
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    // This Escape is for the cable alone.
    event.preventDefault()
    event.stopPropagation()
    stop()
  }
  const dragging: Dragging = {
    offer: (id) => {
      if (map.pull()) return
      clearTimeout(leaving)
      if (id === undefined) {
        leaving = setTimeout(() => handle.matches(':hover') || hide(), GRACE_MS)
        return
      }
      offered = callbacks.canPlug(id) ? id : undefined
      follow()
    },
    hide,
    follow,
    begin: (id, at) => {
      const plugging = callbacks.plugging(id)
      if (!plugging) return false
      client = at
      map.hover(undefined)
      map.setPull({ id, plugging, at: toModel(at) })
      handle.hidden = true
      addEventListener('keydown', onKey, true)
      frame = requestAnimationFrame(alongEdge)
      say()
      return true
    },
    move: (at) => {
      client = at
      update()
    },
    drop: () => {
      const pull = map.pull()
      stop()
      if (pull?.over !== undefined && pull.plugging.verdicts.get(pull.over)?.ok) callbacks.onPlug(pull.id, pull.over)
    },
    cancel: stop,
    isOn: () => map.pull() !== undefined,
    end: () => {
      unbind()
      stop()
    },
  }
  const unbind = bindHandle(handle, dragging, () => offered)
  return dragging
}

function bindHandle(handle: HTMLElement, dragging: Dragging, offered: () => string | undefined): () => void {
  const down = (event: PointerEvent): void => {
    const id = offered()
    if (event.button !== 0 || id === undefined) return
    event.preventDefault()
    if (dragging.begin(id, at(event))) handle.setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent): void => {
    if (dragging.isOn()) dragging.move(at(event))
  }
  const up = (): void => {
    if (dragging.isOn()) dragging.drop()
  }
  const cancel = (): void => {
    if (dragging.isOn()) dragging.cancel()
  }
  const leave = (): void => dragging.offer(undefined)
  const bound = [
    ['pointerdown', down],
    ['pointermove', move],
    ['pointerup', up],
    ['pointercancel', cancel],
    ['pointerleave', leave],
  ] as const
  // Each listener takes the event of its own name, which are all of one type.
  for (const [name, listener] of bound) handle.addEventListener(name, listener as (event: Event) => void)
  return () => {
    for (const [name, listener] of bound) handle.removeEventListener(name, listener as (event: Event) => void)
  }
}

const at = ({ clientX: x, clientY: y }: PointerEvent): Point => ({ x, y })

function barAt(map: MapController, bars: Iterable<string>, at: Point): string | undefined {
  const near = NEAR / map.view().zoom
  for (const id of bars) {
    const rect = map.scene()?.nodes.get(id)?.rect
    if (rect && Math.abs(at.x - rect.x) <= rect.w / 2 + near && Math.abs(at.y - rect.y) <= rect.h / 2 + near) return id
  }
  return undefined
}
