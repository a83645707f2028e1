import { asksForMenu, isByKey } from '../changes/objectMenus.ts'
import { HOST_TITLE } from './drawn.ts'
import type { MapCallbacks, MapController } from './mapController.ts'
import { type Direction, type Spot, spotToward } from './neighbour.ts'

const ARROWS: Record<string, Direction> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }
const STEP = { zoom: 1.25, pan: 80 } as const

/** Everything that the pointer can do, by keys, while the map has the focus. Returns how to stop. */
export function bindKeyboard(container: HTMLElement, map: MapController, callbacks: MapCallbacks): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (handle(event, map, callbacks)) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  const onContextMenu = (event: MouseEvent): void => {
    event.preventDefault()
    if (isByKey(event)) menu(map, callbacks)
  }
  container.addEventListener('keydown', onKey)
  container.addEventListener('contextmenu', onContextMenu)
  return () => {
    container.removeEventListener('keydown', onKey)
    container.removeEventListener('contextmenu', onContextMenu)
  }
}

function handle(event: KeyboardEvent, map: MapController, callbacks: MapCallbacks): boolean {
  const direction = ARROWS[event.key]
  if (direction) {
    if (event.shiftKey) pan(map, direction)
    else walk(map, direction)
    return true
  }
  if (asksForMenu(event)) return menu(map, callbacks)
  switch (event.key) {
    case 'a':
      return menu(map, callbacks)
    case 'Enter':
    case ' ':
      return enter(map, callbacks)
    case 'Escape':
      return clear(map, callbacks)
    case '+':
    case '=':
      map.zoomBy(STEP.zoom)
      return true
    case '-':
      map.zoomBy(1 / STEP.zoom)
      return true
    case '0':
    case 'f':
      map.fit()
      return true
    default:
      return false
  }
}

function enter(map: MapController, callbacks: MapCallbacks): boolean {
  const id = map.focused()
  if (id === undefined) return false
  if (map.scene()?.nodes.get(id)?.node.kind === 'block') callbacks.onOpen(id)
  else callbacks.onSelect(id)
  return true
}

/** What can be done to the object that the keyboard is at. */
function menu(map: MapController, callbacks: MapCallbacks): boolean {
  const id = map.focused() ?? map.selected()
  const rect = id === undefined ? undefined : map.scene()?.nodes.get(id)?.rect
  const box = map.cy.container()?.getBoundingClientRect()
  if (id === undefined || !rect || !box) return false
  const { zoom, pan } = map.view()
  const x = Math.max(box.left, box.left + (rect.x - rect.w / 2) * zoom + pan.x)
  const y = Math.min(box.bottom, box.top + (rect.y + rect.h / 2) * zoom + pan.y)
  callbacks.onMenu(id, { x, y })
  return true
}

/** False when there was nothing to clear, so that Escape reaches whoever else wants it. */
function clear(map: MapController, callbacks: MapCallbacks): boolean {
  const nothing = map.focused() === undefined && map.selected() === undefined
  map.hover(undefined)
  map.focus(undefined)
  callbacks.onSelect(undefined)
  return !nothing
}

function walk(map: MapController, direction: Direction): void {
  const spots = spotsOf(map)
  const from = spots.find((s) => s.id === (map.focused() ?? map.selected()))
  const next = from ? spotToward(spots, from, direction) : nearestToMiddle(map, spots)
  if (next === undefined) return
  map.focus(next)
  map.reveal(next)
}

function pan(map: MapController, direction: Direction): void {
  const { zoom, pan: at } = map.view()
  const x = direction === 'left' ? STEP.pan : direction === 'right' ? -STEP.pan : 0
  const y = direction === 'up' ? STEP.pan : direction === 'down' ? -STEP.pan : 0
  map.setView({ zoom, pan: { x: at.x + x, y: at.y + y } })
}

/** Where the keyboard can stand: every node; a host at its name, not in the middle of its frame. */
function spotsOf(map: MapController): Spot[] {
  return [...(map.scene()?.nodes.values() ?? [])].flatMap(({ node, rect }): Spot[] => {
    if (node.kind === 'bay') return []
    if (node.kind === 'host')
      return [{ id: node.id, x: rect.x - rect.w / 2 + 60, y: rect.y - rect.h / 2 + HOST_TITLE.middle }]
    return [{ id: node.id, x: rect.x, y: rect.y }]
  })
}

function nearestToMiddle(map: MapController, spots: Spot[]): string | undefined {
  const { zoom, pan: at } = map.view()
  const { w, h } = map.size()
  const [x, y] = [(w / 2 - at.x) / zoom, (h / 2 - at.y) / zoom]
  const far = (s: Spot): number => Math.hypot(s.x - x, s.y - y)
  return [...spots].sort((a, b) => far(a) - far(b))[0]?.id
}
