import type { NodeKind } from '@hopscope/topology'
import type { View } from './canvasPainter.ts'
import type { MapController } from './mapController.ts'
import type { FollowedWay } from './way/followedWay.ts'

/** What is drawn, for tests that compare it with the kernel and for measurements. */
export type MapProbe = {
  nodes: () => {
    id: string
    kind: NodeKind
    label: string
    detail?: string
    state: string
    position: { x: number; y: number }
    /** On the screen, relative to the map's upper left corner, in CSS pixels. */
    box: { x: number; y: number; w: number; h: number }
  }[]
  /** What the change that is being prepared would make of the map. */
  ghosts: () => { appear: string[]; lines: string[]; change: string[]; leave: string[] } | undefined
  /** The line of the packet that is followed. */
  way: () => FollowedWay | undefined
  /** Dots of packets that come by: how many run, began and were painted how often so far. Cheap. */
  passing: MapController['passing']
  edges: () => { id: string; kind: string; source: string; target: string; label?: string }[]
  /** Nothing waits to be drawn and nothing moves, packets that come by aside. */
  isIdle: () => boolean
  /** Whether a node with this id is drawn. Cheap, for every frame. */
  has: (id: string) => boolean
  /** How many nodes the scene has, how many elements the drawing, and how many frames were painted so far. Cheap. */
  size: () => { nodes: number; elements: number; frames: number }
  view: () => View
  setView: (view: View) => void
}

declare global {
  interface Window {
    __hopscopeMap?: MapProbe
  }
}

/** Puts the probe on `window`; the returned function takes it away. */
export function exposeForTests(map: MapController): () => void {
  const probe: MapProbe = {
    nodes: () => {
      const { zoom, pan } = map.view()
      return [...(map.scene()?.nodes.values() ?? [])].map(({ node, rect }) => ({
        id: node.id,
        kind: node.kind,
        label: node.label,
        ...(node.detail !== undefined && { detail: node.detail }),
        state: node.state,
        position: { x: rect.x, y: rect.y },
        box: {
          x: (rect.x - rect.w / 2) * zoom + pan.x,
          y: (rect.y - rect.h / 2) * zoom + pan.y,
          w: rect.w * zoom,
          h: rect.h * zoom,
        },
      }))
    },
    edges: () =>
      [...(map.scene()?.edges.values() ?? [])].map(({ edge }) => ({
        id: edge.id,
        kind: edge.kind,
        source: edge.source,
        target: edge.target,
        ...(edge.label !== undefined && { label: edge.label }),
      })),
    ghosts: () => {
      const ghosts = map.ghosts()
      const labels = (nodes: { node: { label: string } }[]): string[] => nodes.map(({ node }) => node.label)
      return (
        ghosts && {
          appear: labels(ghosts.appear.nodes),
          lines: ghosts.appear.edges.map(({ edge }) => edge.id),
          change: labels(ghosts.change),
          leave: labels(ghosts.leave.nodes),
        }
      )
    },
    way: () => {
      const way = map.way()
      if (!way) return undefined
      const { route, at } = way
      const label = (id: string): string => map.scene()?.nodes.get(id)?.node.label ?? id
      const here = at === undefined ? undefined : route.here[at]
      const [end, dot] = [route.ends.at(-1) ?? 0, map.dot()]
      return {
        nodes: [...route.nodes].map(label),
        lines: [...route.edges],
        // How its hops are drawn, each once.
        strokes: [...new Set(way.solid.map((solid) => (solid ? ('solid' as const) : ('dashed' as const))))],
        ...(way.beside && { beside: [...way.beside.route.nodes].map(label) }),
        differs: way.difference !== undefined,
        ...(here !== undefined && { here: label(here) }),
        ...(dot !== undefined && { part: end === 0 ? 0 : dot / end }),
      }
    },
    passing: map.passing,
    isIdle: map.isIdle,
    has: (id) => map.scene()?.nodes.has(id) ?? false,
    size: () => ({
      nodes: map.scene()?.nodes.size ?? 0,
      elements: map.cy.elements().length,
      frames: map.frames(),
    }),
    view: map.view,
    setView: (view) => map.setView(view),
  }
  window.__hopscopeMap = probe
  return () => {
    if (window.__hopscopeMap === probe) delete window.__hopscopeMap
  }
}
