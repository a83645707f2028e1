import type { NodeKind } from '@hopscope/topology'
import type { MapController } from './mapController.ts'

/** Read-only view of what is drawn, for tests that compare it with the kernel. */
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
  edges: () => { id: string; kind: string; source: string; target: string; label?: string }[]
  /** Nothing waits to be drawn and nothing moves. */
  isIdle: () => boolean
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
    isIdle: map.isIdle,
  }
  window.__hopscopeMap = probe
  return () => {
    if (window.__hopscopeMap === probe) delete window.__hopscopeMap
  }
}
