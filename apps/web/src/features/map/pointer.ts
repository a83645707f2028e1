import type { EventObject } from 'cytoscape'
import { HOST_TITLE } from './drawn.ts'
import type { MapCallbacks, MapController } from './mapController.ts'

/** A pointer that only passes over something must not make the whole map flash. */
const HOVER_MS = 70

/** Mouse and touch: hover lights up, click selects, double click goes near; a block opens. Returns how to stop. */
export function bindPointer(map: MapController, callbacks: MapCallbacks): () => void {
  const { cy } = map
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
  })
  cy.on('mouseout', 'node, edge', () => {
    cursor('')
    later(undefined)
  })
  cy.on('grab dragpan pinchzoom', () => {
    clearTimeout(timer)
    map.hover(undefined)
  })
  cy.on('tap', (event) => {
    clearTimeout(timer)
    map.hover(undefined)
    const id = event.target === cy ? hostTitleAt(map, event.position) : selectable(map, idOf(event))
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
