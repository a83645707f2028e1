import type { EdgeKind, NodeKind, NodeState } from '@hopscope/topology'
import type { StylesheetJson } from 'cytoscape'
import { bodyPaint } from './body.ts'
import { equal } from './equal.ts'
import type { Palette } from './palette.ts'

export const NODE_KINDS: readonly NodeKind[] = [
  'host',
  'bay',
  'segment',
  'peer',
  'nic',
  'tunnel',
  'stack',
  'bridge',
  'macvlan',
  'box',
  'block',
  'entrance',
  'resident',
  'interface',
  'port',
]
export const EDGE_KINDS: readonly EdgeKind[] = [
  'segment',
  'route',
  'bridge-port',
  'veth',
  'macvlan',
  'lower',
  'tunnel',
  'publish',
  'shares',
  'link-option',
]
/** Beside up. */
const STATES: readonly NodeState[] = ['down', 'degraded', 'unknown']

/** One transparent pixel. */
const NOTHING = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'

type Rule = { selector: string; style: Record<string, string | number | number[]> }

/** The bodies and lines that cytoscape draws, for one theme. Texts are the overlay's. */
export function mapStyle(palette: Palette): StylesheetJson {
  // cytoscape's own types lack `data()` mappers for numbers, `edge-distances: endpoints` and `z-index-compare`.
  return mapRules(palette) as StylesheetJson
}

/** The same, with types that know every property used. */
export function mapRules(palette: Palette): Rule[] {
  return [
    // Where the picture that is moved about ends, there is nothing until the drag does.
    { selector: 'core', style: { 'outside-texture-bg-opacity': 0, 'active-bg-opacity': 0 } },
    {
      selector: 'node',
      style: {
        'z-index-compare': 'manual',
        'overlay-opacity': 0,
        // Without an image, cytoscape takes each node that it draws for one whose image is still loading, then for one
        // whose image has come, and computes its style twice a frame (panning.test.ts).
        'background-image': NOTHING,
        'background-width': 1,
        'background-height': 1,
      },
    },
    { selector: 'node[w]', style: { width: 'data(w)', height: 'data(h)' } },
    ...NODE_KINDS.flatMap((kind) => nodeRules(kind, palette)),
    {
      selector: 'node[kind="port"][?second]',
      style: { 'background-color': palette.frameFill, 'border-color': palette.kinds.bridge.line },
    },
    // A host that nobody watches any more keeps its picture, but visibly as a memory.
    {
      selector: 'node[kind="host"][?stale]',
      style: {
        'border-style': 'dashed',
        'border-color': palette.state.degraded,
        'background-color': palette.background,
      },
    },
    {
      selector: 'edge',
      style: {
        'curve-style': 'straight',
        'source-endpoint': 'data(from)',
        'target-endpoint': 'data(to)',
        'z-index-compare': 'manual',
        'overlay-opacity': 0,
      },
    },
    {
      selector: 'edge[weights]',
      style: {
        'curve-style': 'segments',
        'edge-distances': 'endpoints',
        'segment-weights': 'data(weights)',
        'segment-distances': 'data(distances)',
      },
    },
    ...EDGE_KINDS.map((kind) => ({ selector: `edge[kind="${kind}"]`, style: edgeStyle(kind, palette) })),
    { selector: 'edge[?over]', style: { 'z-index': 6 } },
    { selector: 'edge[state="down"]', style: { 'line-color': palette.state.down, 'line-style': 'dashed' } },
  ]
}

/** Colour, width and dashes of a line: style, highlights and exports share it. */
export function linePaint(
  kind: EdgeKind,
  palette: Palette,
): { stroke: string; width: number; dash?: readonly number[] } {
  const stroke = palette.edges[kind]
  switch (kind) {
    case 'segment':
      return { stroke, width: 2 }
    case 'bridge-port':
      return { stroke, width: 1.5 }
    case 'veth':
      return { stroke, width: 1.5 }
    case 'route':
      return { stroke, width: 1 }
    case 'macvlan':
      return { stroke, width: 1.25, dash: [6, 4] }
    case 'lower':
      return { stroke, width: 1.25, dash: [2, 3] }
    case 'tunnel':
      return { stroke, width: 1.5, dash: [6, 3] }
    case 'publish':
      return { stroke, width: 1 }
    case 'shares':
      return { stroke, width: 1, dash: [2, 3] }
    case 'link-option':
      return { stroke, width: 1, dash: [4, 3] }
  }
}

/** A rule for the kind, and one for each state in which it looks different: every element is compared with all rules. */
function nodeRules(kind: NodeKind, palette: Palette): Rule[] {
  const usual = bodyStyle(kind, 'up', palette)
  const base: Rule = {
    selector: `node[kind="${kind}"]`,
    style: {
      shape: kind === 'port' ? 'ellipse' : 'round-rectangle',
      ...usual,
      'z-index': LAYER[kind],
      ...(kind !== 'port' && { 'corner-radius': RADIUS[kind] ?? '9' }),
      // The backdrop takes no clicks: those are for what stands on it, or clear the selection.
      events: kind === 'host' || kind === 'bay' ? 'no' : 'yes',
    },
  }
  const others = STATES.map((state) => ({
    selector: `node[kind="${kind}"][state="${state}"]`,
    style: bodyStyle(kind, state, palette),
  }))
  return [base, ...others.filter(({ style }) => !equal(style, usual))]
}

function bodyStyle(kind: NodeKind, state: NodeState, palette: Palette): Rule['style'] {
  const paint = bodyPaint({ kind, state }, palette)
  return {
    'background-color': paint.fill,
    'border-color': paint.stroke,
    'border-width': paint.width,
    'border-style': paint.dash ? 'dashed' : 'solid',
    ...(paint.dash && { 'border-dash-pattern': [...paint.dash] }),
  }
}

const RADIUS: Partial<Record<NodeKind, string>> = {
  segment: '100',
  peer: '100',
  host: '14',
  interface: '6',
  entrance: '6',
  resident: '6',
}

const LAYER: Record<NodeKind, number> = {
  host: 0,
  bay: 1,
  segment: 4,
  peer: 4,
  nic: 4,
  tunnel: 4,
  stack: 4,
  bridge: 4,
  macvlan: 4,
  box: 5,
  block: 5,
  entrance: 7,
  resident: 7,
  interface: 7,
  port: 8,
}

function edgeStyle(kind: EdgeKind, palette: Palette): Rule['style'] {
  const { stroke, width, dash } = linePaint(kind, palette)
  return {
    'line-color': stroke,
    width,
    'line-style': dash ? 'dashed' : 'solid',
    ...(dash && { 'line-dash-pattern': [...dash] }),
    'z-index': 2,
  }
}
