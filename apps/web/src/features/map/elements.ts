import type { ElementDefinition } from 'cytoscape'
import { isSecond } from './body.ts'
import type { DrawnNode } from './drawn.ts'
import { toSegments } from './geometry.ts'
import type { DrawnEdge } from './scene.ts'

/** A node as cytoscape keeps it. */
export function nodeElement({ node, rect, staleSince }: DrawnNode): ElementDefinition {
  return {
    group: 'nodes',
    // A map that is full of boxes has hardly any other place to take hold of.
    pannable: true,
    data: {
      id: node.id,
      kind: node.kind,
      state: node.state,
      w: rect.w,
      h: rect.h,
      stale: staleSince !== undefined,
      second: isSecond(node),
    },
    position: { x: rect.x, y: rect.y },
  }
}

/** An edge as cytoscape keeps it: where it leaves and meets its nodes, relative to their centres, and its bends. */
export function edgeElement({ edge, route, from, to, over }: DrawnEdge): ElementDefinition {
  const { weights, distances } = toSegments(route)
  return {
    group: 'edges',
    data: {
      id: edge.id,
      kind: edge.kind,
      state: edge.state,
      source: edge.source,
      target: edge.target,
      over,
      from: `${px(from.x)} ${px(from.y)}`,
      to: `${px(to.x)} ${px(to.y)}`,
      ...(weights.length > 0 && { weights: weights.join(' '), distances: distances.join(' ') }),
    },
  }
}

// Exponents (1e-7) are no CSS numbers.
const px = (n: number): string => `${Math.round(n * 100) / 100}px`
