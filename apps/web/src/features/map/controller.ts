import type { Placed, Topology } from '@hopscope/topology'
import type { Core } from 'cytoscape'
import type { View } from './canvasPainter.ts'
import { type Area, areaOf } from './damage.ts'
import type { MapWords } from './drawn.ts'
import { boundsOf, type Point } from './geometry.ts'
import { createGhostView, freeArea, viewOn } from './ghosts/ghostView.ts'
import { bindKeyboard } from './keyboard.ts'
import type { MapCallbacks, MapController } from './mapController.ts'
import { FRESH_MS, type Lit, type OverlayState } from './marks.ts'
import { createOverlay } from './overlay.ts'
import type { Palette } from './palette.ts'
import { createPassingLayer } from './passing/passingLayer.ts'
import { createDragging, type DragParts } from './plug/dragging.ts'
import { bindPointer } from './pointer.ts'
import { indexTopology, relationsOf, type TopologyIndex } from './relations.ts'
import { createRenderer, ZOOM } from './renderer.ts'
import { centredView, fitView, type Size } from './views.ts'
import { spotOf } from './way/wayLine.ts'
import { createWayRun } from './way/wayRun.ts'

type Parts = {
  container: HTMLElement
  canvas: HTMLCanvasElement
  /** Above that, for packets that come by. */
  passing: HTMLCanvasElement
  palette: Palette
  words: MapWords
  callbacks: MapCallbacks
  drag: DragParts
}

export const MOVE_MS = 180

/** Starts drawing into `container` (cytoscape) and `canvas` (the overlay above it), once something is shown; `destroy` ends it. */
export function createMap({
  container,
  canvas,
  passing: above,
  palette,
  words,
  callbacks,
  drag,
}: Parts): MapController {
  const renderer = createRenderer(container, palette)
  const overlay = createOverlay(canvas, palette, words)
  const { cy } = renderer
  const fresh = new Map<string, number>()
  let state: OverlayState = { fresh, rates: () => undefined }
  let topology: Topology | undefined
  /** Made when something is looked at: most topologies are replaced before. */
  let index: TopologyIndex | undefined
  let hovered: string | undefined
  let frame: number | undefined
  /** Something changed that is not painted yet, or nothing was shown yet. Marks that fade do not count. */
  let dirty = true
  /** What of the overlay is not painted yet; undefined: everything. */
  let damage: Area[] | undefined
  let frames = 0
  let ended = false
  let styled = palette
  const run = createWayRun(isStill)

  const draw = (): void => {
    frame = undefined
    const scene = renderer.scene()
    if (!scene) return
    const now = performance.now()
    for (const [id, since] of fresh) {
      const drawn = scene.nodes.get(id)
      if (drawn) damage?.push(areaOf(drawn))
      if (now - since > FRESH_MS) fresh.delete(id)
    }
    const passed = run.advance(now, cy.zoom())
    if (passed) damage?.push(passed)
    state.dot = run.length()
    if (damage?.length !== 0) overlay.draw({ scene, view: viewOf(cy), state, now, areas: damage })
    dirty = false
    damage = []
    frames++
    if (fresh.size > 0 || run.isMoving()) schedule()
  }
  const schedule = (): void => {
    if (!ended) frame ??= requestAnimationFrame(draw)
  }
  const invalidate = (areas?: readonly Area[]): void => {
    dirty = true
    damage = areas && damage && [...damage, ...areas]
    schedule()
  }
  const litNow = (): Lit | undefined => {
    if (hovered === undefined && state.way) return { relations: state.way.route, plain: true }
    const id = hovered ?? state.selected
    if (id === undefined || !topology) return undefined
    index ??= indexTopology(topology)
    return { relations: relationsOf(index, id) }
  }
  /** `areas`: where the scene changed. */
  const light = (areas?: readonly Area[]): void => {
    const before = state.lit
    const { lit: _, ...rest } = state
    const lit = litNow()
    state = lit && lit.relations.nodes.size > 0 ? { ...rest, lit } : rest
    // The light falls on everything.
    invalidate(before || state.lit ? undefined : areas)
  }
  // Asking the page for it in every frame would make it compute its layout in every frame.
  let measured: Size = { w: container.clientWidth, h: container.clientHeight }
  const size = (): Size => measured
  const passing = createPassingLayer({
    ...{ canvas: above, palette, scene: renderer.scene, view: () => viewOf(cy), size, isStill },
  })

  // cytoscape has just painted: the overlay follows in the same frame, or the two would slide apart while panning.
  cy.on('render', () => {
    if (frame !== undefined) cancelAnimationFrame(frame)
    draw()
  })
  cy.on('viewport', () => {
    damage = undefined
    dragging.follow()
    callbacks.onView(viewOf(cy))
  })

  const ghostView = createGhostView({
    view: () => viewOf(cy),
    moveTo: (view) => moveTo(cy, view, true),
    free: () => freeArea(container),
  })

  const panTo = (rect: Placed): void => {
    const free = freeArea(container)
    if (!isInside(rect, viewOf(cy), free)) moveTo(cy, centredView(rect, free, cy.zoom()), true)
  }
  // Not the node it is at: a bar may be larger than the screen.
  const showSpot = ({ x, y }: Point): void => panTo({ x, y, w: 160, h: 100 })
  const showAll = (ids: Iterable<string>): void => {
    const nodes = [...ids].flatMap((id) => renderer.scene()?.nodes.get(id) ?? [])
    // A host's IP stack is as tall as its rack, and says nothing of where the packet is.
    const places = nodes.filter(({ node }) => node.kind !== 'stack').map(({ rect }) => rect)
    const to = viewOn({ nodes: places, lines: [] }, viewOf(cy), freeArea(container))
    if (to) moveTo(cy, to, true)
  }

  const controller: MapController = {
    cy,
    show: (scene, next) => {
      const first = renderer.scene() === undefined
      const changed = renderer.apply(scene)
      topology = next
      index = undefined
      passing.arrange()
      const came = changed.came.filter((d) => MARKED.has(d.node.kind))
      // Many at once are a block that opened or a host that came back, not news.
      if (!first && came.length <= MOST_NEWS) for (const d of came) fresh.set(d.node.id, performance.now())
      light(changed.damage)
    },
    select: (id) => {
      state = { ...state, selected: id }
      light()
    },
    hover: (id) => {
      if (hovered === id) return
      hovered = id
      light()
    },
    focus: (id) => {
      state = { ...state, focused: id }
      callbacks.onFocus(id)
      invalidate()
    },
    focused: () => state.focused,
    selected: () => state.selected,
    setGhosts: (ghosts, begun) => {
      ghostView.show(ghosts, begun)
      if (state.ghosts === ghosts) return
      state = { ...state, ghosts }
      invalidate()
    },
    ghosts: () => state.ghosts,
    setWay: (way) => {
      const before = state.way
      if (before === way) return
      run.start(way, performance.now())
      state = { ...state, way }
      light()
      const spot = way && spotOf(way)
      if (spot && before?.serial !== way?.serial) showSpot(spot)
      else if (way && before?.key !== way.key) showAll(way.route.nodes)
    },
    way: () => state.way,
    dot: run.length,
    pass: passing.pass,
    passing: passing.counts,
    setPull: (pull) => {
      state = { ...state, pull }
      invalidate()
    },
    pull: () => state.pull,
    setRates: (rates) => {
      state = { ...state, rates }
      invalidate()
    },
    setLook: (nextPalette, nextWords) => {
      // Words and fonts are the overlay's alone: styling every element anew takes as long as drawing them first.
      if (nextPalette !== styled) renderer.setPalette(nextPalette)
      styled = nextPalette
      overlay.setLook(nextPalette, nextWords)
      passing.setPalette(nextPalette)
      invalidate()
    },
    scene: renderer.scene,
    size,
    view: () => viewOf(cy),
    setView: (view, options) => moveTo(cy, view, options?.animate ?? false),
    fit: () => {
      const scene = renderer.scene()
      const bounds = scene && boundsOf([...scene.nodes.values()].map((d) => d.rect))
      if (bounds) moveTo(cy, fitView(bounds, size()), true)
    },
    zoomBy: (factor, around) => {
      const { w, h } = size()
      cy.zoom({ level: cy.zoom() * factor, renderedPosition: around ?? { x: w / 2, y: h / 2 } })
    },
    centreOn: (id, options) => {
      const rect = renderer.scene()?.nodes.get(id)?.rect
      if (!rect) return
      const free = freeArea(container)
      const near = Math.min(1.6, (0.7 * free.w) / rect.w, (0.7 * free.h) / rect.h)
      const zoom = options?.close ? Math.max(cy.zoom(), Math.min(1.25, near)) : cy.zoom()
      moveTo(cy, centredView(rect, free, clampZoom(zoom)), true)
    },
    showAll,
    reveal: (id) => {
      const rect = renderer.scene()?.nodes.get(id)?.rect
      if (rect) panTo(rect)
    },
    isIdle: () => !dirty && !cy.animated() && !run.isMoving(),
    frames: () => frames,
    resize: () => {
      measured = { w: container.clientWidth, h: container.clientHeight }
      cy.resize()
      overlay.resize()
      damage = undefined
      draw()
      // The inspector may have opened over what it was opened for.
      if (state.selected !== undefined) controller.reveal(state.selected)
    },
    destroy: () => {
      ended = true
      if (frame !== undefined) cancelAnimationFrame(frame)
      unbindKeyboard()
      unbindPointer()
      dragging.end()
      passing.end()
      renderer.destroy()
    },
  }
  overlay.resize()
  const dragging = createDragging(controller, drag, callbacks)
  const unbindPointer = bindPointer(controller, callbacks, dragging)
  const unbindKeyboard = bindKeyboard(container, controller, callbacks)
  return controller
}

/** Kinds whose coming is worth a mark; their parts come with them. */
const MARKED = new Set(['box', 'bridge', 'nic', 'tunnel', 'macvlan', 'entrance', 'resident', 'segment', 'peer', 'host'])

const MOST_NEWS = 8

const viewOf = (cy: Core): View => ({ zoom: cy.zoom(), pan: { ...cy.pan() } })
const clampZoom = (zoom: number): number => Math.max(ZOOM.min, Math.min(ZOOM.max, zoom))

function isInside(rect: { x: number; y: number; w: number; h: number }, view: View, size: Size): boolean {
  const x = rect.x * view.zoom + view.pan.x
  const y = rect.y * view.zoom + view.pan.y
  const [w, h] = [Math.min(rect.w * view.zoom, size.w * 0.6) / 2, Math.min(rect.h * view.zoom, size.h * 0.6) / 2]
  return x - w > 8 && x + w < size.w - 8 && y - h > 8 && y + h < size.h - 8
}

const isStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

function moveTo(cy: Core, view: View, animate: boolean): void {
  cy.stop()
  if (!animate || isStill()) cy.viewport({ zoom: view.zoom, pan: view.pan })
  else cy.animate({ zoom: view.zoom, pan: view.pan, duration: MOVE_MS, easing: 'ease-out-cubic' })
}
