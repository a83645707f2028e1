import type { EdgeKind, NodeKind, NodeState } from '@hopscope/topology'
import { type Colour, type Hue, hueOf } from '../../theme/colours.ts'

/** Every colour and font the map paints with, resolved: a canvas knows no CSS variables. */
export type Palette = {
  background: string
  ink: string
  muted: string
  frame: string
  /** Between a border and a strong one: large frames. */
  edge: string
  frameFill: string
  selection: string
  focus: string
  state: Record<NodeState, string>
  kinds: Record<NodeKind, Colour>
  edges: Record<EdgeKind, string>
  sans: string
  mono: string
}

export const edgeHue: Record<EdgeKind, Hue> = {
  segment: 'nic',
  route: 'stack',
  'bridge-port': 'bridge',
  veth: 'veth',
  macvlan: 'macvlan',
  lower: 'tunnel',
  tunnel: 'tunnel',
  publish: 'entrance',
  shares: 'box',
  'link-option': 'box',
}

/** The palette from tokens by name without dashes; the reader throws on a name that tokens.css lacks. */
export function buildPalette(token: (name: string) => string, fonts: { sans: string; mono: string }): Palette {
  const colour = (hue: Hue): Colour => ({
    line: token(`${hue}-line`),
    fill: token(`${hue}-fill`),
    ink: token(`${hue}-ink`),
  })
  return {
    background: token('ground'),
    ink: token('text'),
    muted: token('text-faint'),
    frame: token('border-strong'),
    edge: mix(token('border'), token('border-strong')),
    frameFill: token('surface'),
    selection: token('selection'),
    focus: token('focus'),
    state: {
      up: token('ok-line'),
      down: token('danger-line'),
      degraded: token('warn-line'),
      unknown: token('border-strong'),
    },
    kinds: mapValues(hueOf, colour),
    edges: mapValues(edgeHue, (hue) => token(`${hue}-line`)),
    ...fonts,
  }
}

function mapValues<K extends string, A, B>(record: Record<K, A>, f: (value: A) => B): Record<K, B> {
  // The keys are the record's own, so none is missing.
  return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, f(v as A)])) as Record<K, B>
}

/** `#rrggbb` with an opacity between 0 and 1. */
export function withAlpha(color: string, alpha: number): string {
  const byte = Math.round(Math.max(0, Math.min(1, alpha)) * 255)
  return `${color}${byte.toString(16).padStart(2, '0')}`
}

/** The colour half way between two of the form `#rrggbb`. */
function mix(a: string, b: string): string {
  const channel = (color: string, i: number): number => Number.parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16)
  const half = [0, 1, 2].map((i) => Math.round((channel(a, i) + channel(b, i)) / 2))
  return `#${half.map((n) => n.toString(16).padStart(2, '0')).join('')}`
}
