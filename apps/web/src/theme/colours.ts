import type { NodeKind } from '@hopscope/topology'

/** The families of colour in tokens.css. */
export const HUES = [
  'nic',
  'bridge',
  'veth',
  'macvlan',
  'tunnel',
  'segment',
  'stack',
  'box',
  'entrance',
  'danger',
  'ok',
  'warn',
] as const
export type Hue = (typeof HUES)[number]

/** Which hue an object on the map, in the tree or in a table has. */
export const hueOf: Record<NodeKind, Hue> = {
  host: 'stack',
  segment: 'segment',
  nic: 'nic',
  stack: 'stack',
  bridge: 'bridge',
  macvlan: 'macvlan',
  tunnel: 'tunnel',
  port: 'veth',
  box: 'box',
  interface: 'veth',
  entrance: 'entrance',
  resident: 'box',
  peer: 'segment',
  bay: 'box',
  block: 'box',
}

export type Colour = { line: string; fill: string; ink: string }

/** The three colours of a kind or hue as the current theme resolves them: for canvases, which know no CSS variables. */
export function kindColour(kind: NodeKind | Hue): Colour {
  const hue = kind in hueOf ? hueOf[kind as NodeKind] : (kind as Hue) // the union has no third member
  return { line: cssToken(`${hue}-line`), fill: cssToken(`${hue}-fill`), ink: cssToken(`${hue}-ink`) }
}

/** A token of tokens.css by its name without dashes, resolved for the current theme: `cssToken('surface')`. */
export function cssToken(name: string): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  if (!value) throw new Error(`tokens.css has no --${name}`)
  return value
}
