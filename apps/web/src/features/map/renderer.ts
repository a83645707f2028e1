import cytoscape, { type Core } from 'cytoscape'
import { type Area, damageBetween } from './damage.ts'
import type { DrawnNode } from './drawn.ts'
import { edgeElement, nodeElement } from './elements.ts'
import type { Palette } from './palette.ts'
import { createPartialRender } from './partialRender.ts'
import { diffScene, type Scene, type SceneDiff } from './scene.ts'
import { mapStyle } from './style.ts'

export const ZOOM = { min: 0.04, max: 3 } as const

/** Above these numbers of elements, cheaper pixels while moving (measured: see ARCHITECTURE.md, "The map"). */
const MANY = { pixelRatio: 1000, texture: 1500 } as const

export type Renderer = {
  cy: Core
  /** Brings the drawing to this scene, touching only what changed: which nodes came, and where it looks different (undefined: everywhere). */
  apply: (scene: Scene) => { came: DrawnNode[]; damage: Area[] | undefined }
  setPalette: (palette: Palette) => void
  scene: () => Scene | undefined
  destroy: () => void
}

/** A cytoscape canvas in `container` that draws bodies and lines; everything else is the overlay's. Empty until `apply`. */
export function createRenderer(container: HTMLElement, palette: Palette): Renderer {
  const cy = cytoscape({
    container,
    style: mapStyle(palette),
    layout: { name: 'preset' },
    minZoom: ZOOM.min,
    maxZoom: ZOOM.max,
    autoungrabify: true,
    autounselectify: true,
    boxSelectionEnabled: false,
  })
  let shown: Scene | undefined
  const change = createPartialRender(cy, () => shown)
  return {
    cy,
    apply: (scene) => {
      if (!shown) fitEffort(cy, scene.nodes.size + scene.edges.size)
      const diff = diffScene(shown, scene)
      const damage = damageBetween(shown, scene)
      change(() => applyDiff(cy, diff), damage)
      shown = scene
      return { came: diff.add.nodes, damage }
    },
    setPalette: (next) => {
      cy.style(mapStyle(next))
    },
    scene: () => shown,
    destroy: () => cy.destroy(),
  }
}

/** What cytoscape's canvas renderer has beside its types, in 3.34: as options they would have to be known before the data. */
type Effort = { forcedPixelRatio: number | null; textureOnViewport: boolean }

function fitEffort(cy: Core, elements: number): void {
  // A core has the renderer that it draws with, though its types do not say so.
  const renderer = (cy as Core & { renderer(): Effort }).renderer()
  renderer.forcedPixelRatio = elements > MANY.pixelRatio ? 1 : Math.min(2, window.devicePixelRatio || 1)
  renderer.textureOnViewport = elements > MANY.texture
}

function applyDiff(cy: Core, diff: SceneDiff): void {
  // All at once: each removal looks at every element that stays.
  diff.remove.reduce((gone, id) => gone.merge(cy.getElementById(id)), cy.collection()).remove()
  for (const drawn of diff.update.nodes) {
    const element = cy.getElementById(drawn.node.id)
    const { data, position } = nodeElement(drawn)
    element.data(data)
    if (position) element.position(position)
  }
  // Secondary attachments have a badge; their line is the overlay's, while it is looked at.
  const lines = diff.add.edges.filter((e) => !e.edge.secondary)
  cy.add([...diff.add.nodes.map(nodeElement), ...lines.map(edgeElement)])
  for (const drawn of diff.update.edges) {
    if (drawn.edge.secondary) continue
    const element = cy.getElementById(drawn.edge.id)
    const { data } = edgeElement(drawn)
    if (!('weights' in data)) element.removeData('weights distances')
    element.data(data)
  }
}
