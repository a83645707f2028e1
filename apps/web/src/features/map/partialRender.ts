import type { Core, EdgeSingular, NodeSingular } from 'cytoscape'
import { type Area, clipTo, grown, isEdgeIn, isNodeIn } from './damage.ts'
import type { Scene } from './scene.ts'

/** What cytoscape's canvas renderer has beside its types, in 3.34. */
type CanvasRenderer = {
  readonly NODE: number
  readonly data: { readonly contexts: readonly CanvasRenderingContext2D[]; readonly canvasNeedsRedraw: boolean[] }
  /** The canvas shows a picture that is moved about, until the next whole one. */
  readonly textureDrawLastFrame?: boolean
  render(options?: { forcedContext?: CanvasRenderingContext2D }): void
  drawCachedElement(ctx: CanvasRenderingContext2D, element: NodeSingular | EdgeSingular, pixelRatio: number): void
  getPixelRatio(): number
  /** Computes what elements that changed look like, as otherwise right before the next frame. */
  flushRenderedStyleQueue(): void
}

/** Borders and lines reach beyond their rectangles by at most this, in model pixels. */
const BORDER = 4

/**
 * Makes cytoscape paint only where something changed: after any change it would sort and paint all elements, which takes far
 * longer than everything else when there are thousands. The returned function makes a change that can be seen in `areas`
 * alone; without areas everything is painted, as after a change of the view or style. `shown`: the scene after the change.
 */
export function createPartialRender(cy: Core, shown: () => Scene | undefined): PartialRender {
  // A core has the renderer that it draws with, though its types do not say so.
  const renderer = (cy as Core & { renderer(): CanvasRenderer }).renderer()
  const { NODE } = renderer
  const { contexts, canvasNeedsRedraw } = renderer.data
  const renderAll = renderer.render
  let waiting: Area[] = []

  const paint = (areas: readonly Area[]): void => {
    const [context, scene] = [contexts[NODE], shown()]
    if (!context || !scene) return
    const ratio = renderer.getPixelRatio()
    const [zoom, pan] = [cy.zoom() * ratio, { x: cy.pan().x * ratio, y: cy.pan().y * ratio }]
    context.save()
    clipTo(context, areas, { zoom, pan })
    context.clearRect(0, 0, context.canvas.width, context.canvas.height)
    context.setTransform(zoom, 0, 0, zoom, pan.x, pan.y)
    // The clip is out to whole pixels.
    const near = areas.map((a) => grown(a, BORDER + 1 / zoom))
    for (const element of elementsIn(cy, scene, near)) renderer.drawCachedElement(context, element, ratio)
    context.restore()
  }

  renderer.render = (options) => {
    if (options?.forcedContext) return renderAll.call(renderer, options)
    const areas = waiting
    waiting = []
    if (areas.length > 0 && !canvasNeedsRedraw[NODE] && !renderer.textureDrawLastFrame) {
      paint(areas)
      // Elements that are painted for the first time ask for another painting.
      canvasNeedsRedraw[NODE] = false
      cy.emit('render')
      return
    }
    if (areas.length > 0) canvasNeedsRedraw[NODE] = true
    renderAll.call(renderer, options)
  }

  return (change, areas) => {
    const wholeAnyway = canvasNeedsRedraw[NODE]
    cy.batch(change)
    if (!areas || wholeAnyway) return
    renderer.flushRenderedStyleQueue()
    canvasNeedsRedraw[NODE] = false
    for (const a of areas) waiting.push(grown(a, BORDER))
  }
}

export type PartialRender = (change: () => void, areas: readonly Area[] | undefined) => void

/** From the lowest to the uppermost. */
function elementsIn(cy: Core, scene: Scene, areas: readonly Area[]): (NodeSingular | EdgeSingular)[] {
  const ids: string[] = []
  for (const drawn of scene.nodes.values()) if (isNodeIn(drawn, areas, BORDER)) ids.push(drawn.node.id)
  for (const drawn of scene.edges.values()) if (!drawn.edge.secondary && isEdgeIn(drawn, areas)) ids.push(drawn.edge.id)
  return ids
    .map((id) => cy.getElementById(id))
    .filter((element) => element.nonempty()) // a frame may come before what the scene has is drawn, or after it is not any more
    .map((element) => ({ element, level: Number(element.numericStyle('z-index')) }))
    .sort((a, b) => a.level - b.level)
    .map(({ element }) => element)
}
