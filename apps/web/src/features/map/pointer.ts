import type { EventObject } from 'cytoscape'
import { HOST_TITLE } from './drawn.ts'
import type { Point } from './geometry.ts'
import type { MapCallbacks, MapController } from './mapController.ts'
import type { Dragging } from './plug/dragging.ts'

/** A pointer that only passes over something must not make the whole map flash. */
const HOVER_MS = 70

/** Mouse and touch: hover lights up, click selects, double click goes near; a block opens. Returns how to stop. */
export function bindPointer(map: MapController, callbacks: MapCallbacks, dragging: Dragging): () => void {
  const { cy } = map
  const press = createLongPress(map, callbacks, dragging)
  let timer: ReturnType<typeof setTimeout> | undefined
  const later = (id: string | undefined): void => {
    clearTimeout(timer)
    timer = setTimeout(() => map.hover(id), HOVER_MS)
  }
  const cursor = (name: string): void => {
    const container = cy.container()
    if (container) container.style.cursor = name
  }
  cy.on('mouseover', 'node, edge', (event) => {
    cursor('pointer')
    later(idOf(event))
    if (event.target.isNode()) dragging.offer(idOf(event))
  })
  cy.on('mouseout', 'node, edge', () => {
    cursor('')
    later(undefined)
    dragging.offer(undefined)
  })
  cy.on('grab dragpan pinchzoom', () => {
    clearTimeout(timer)
    map.hover(undefined)
    dragging.hide()
  })
  cy.on('cxttap', (event) => menuAt(map, callbacks, event))
  cy.on('taphold', press.hold)
  cy.on('tapdrag', press.drag)
  cy.on('tapend', press.end)
  cy.on('tap', (event) => {
    if (press.took(event)) return
    clearTimeout(timer)
    map.hover(undefined)
    const id = objectAt(map, event)
    map.focus(id)
    if (isBlock(map, id)) callbacks.onOpen(id)
    else callbacks.onSelect(id)
  })
  cy.on('dbltap', 'node', (event) => {
    const id = idOf(event)
    if (map.scene()?.nodes.has(id)) map.centreOn(id, { close: true })
  })
  return () => clearTimeout(timer)
}

// Only elements are targets here: the handlers are bound with a selector, or have ruled out the core.
const idOf = (event: EventObject): string => event.target.id()

function isBlock(map: MapController, id: string | undefined): id is string {
  return id !== undefined && map.scene()?.nodes.get(id)?.node.kind === 'block'
}

function objectAt(map: MapController, event: EventObject): string | undefined {
  return event.target === map.cy ? hostTitleAt(map, event.position) : selectable(map, idOf(event))
}

/** Where an event happened, in client pixels. */
function clientOf(map: MapController, { renderedPosition: { x, y } }: EventObject): Point {
  const { left, top } = map.cy.container()?.getBoundingClientRect() ?? { left: 0, top: 0 }
  return { x: x + left, y: y + top }
}

/** The menu of what is there; of the host where nothing else is. */
function menuAt(map: MapController, callbacks: MapCallbacks, event: EventObject): void {
  const id = objectAt(map, event) ?? hostAround(map, event.position)
  if (id === undefined) return
  map.hover(undefined)
  map.focus(id)
  callbacks.onMenu(id, clientOf(map, event))
}

/** A finger that was held still, in CSS pixels. */
const STILL = 8

/** A finger that is held on something opens its menu when it is lifted; when it moves instead, it pulls a cable. */
function createLongPress(map: MapController, callbacks: MapCallbacks, dragging: Dragging) {
  const { cy } = map
  let held: { event: EventObject; from: Point; id: string | undefined } | undefined
  let last: number | undefined
  return {
    hold: (event: EventObject): void => {
      if (!isTouch(event)) return
      held = { event, from: clientOf(map, event), id: objectAt(map, event) }
      cy.userPanningEnabled(false)
      dragging.hide()
      map.hover(undefined)
      if (held.id !== undefined) map.focus(held.id)
      navigator.vibrate?.(8)
    },
    drag: (event: EventObject): void => {
      if (!held) return
      const at = clientOf(map, event)
      if (dragging.isOn()) dragging.move(at)
      else if (held.id !== undefined && Math.hypot(at.x - held.from.x, at.y - held.from.y) > STILL)
        dragging.begin(held.id, at)
    },
    end: (event: EventObject): void => {
      if (!held) return
      const { event: began } = held
      held = undefined
      last = event.timeStamp
      cy.userPanningEnabled(true)
      if (dragging.isOn()) dragging.drop()
      else menuAt(map, callbacks, began)
    },
    /** Whether a tap is the end of a long press. */
    took: (event: EventObject): boolean => last !== undefined && event.timeStamp - last < TAP_AFTER_MS,
  }
}

/** cytoscape tells of the tap right after the end of a touch. */
const TAP_AFTER_MS = 60

const isTouch = ({ originalEvent }: EventObject): boolean => originalEvent.type.startsWith('touch')

function hostAround(map: MapController, at: Point): string | undefined {
  for (const { node, rect } of map.scene()?.nodes.values() ?? [])
    if (node.kind === 'host' && Math.abs(at.x - rect.x) <= rect.w / 2 && Math.abs(at.y - rect.y) <= rect.h / 2)
      return node.id
  return undefined
}

/** A line stands for the object at its own end: a veth for its port, a route line for the link. */
function selectable(map: MapController, id: string): string {
  const drawn = map.scene()?.edges.get(id)
  return drawn ? drawn.edge.source : id
}

/** The frame of a host is a backdrop; its head with the name selects it. */
function hostTitleAt(map: MapController, at: { x: number; y: number }): string | undefined {
  for (const { node, rect } of map.scene()?.nodes.values() ?? []) {
    if (node.kind !== 'host' || Math.abs(at.x - rect.x) > rect.w / 2) continue
    const down = at.y - (rect.y - rect.h / 2)
    if (down >= 0 && down <= HOST_TITLE.height) return node.id
  }
  return undefined
}
