import type { TopoNode } from '../topology.ts'

/** Measures of the rack, in model pixels. */
export const SIZE = {
  bar: 34,
  /** From the bar's lower edge to the first box: the trunks begin here. */
  drop: 24,
  /** Room above the boxes of a bay, for its name. */
  bayHead: 32,
  bayPad: 12,
  /** Left of each box: its port's dot and the trunk it hangs from. */
  gutter: 46,
  /** Left of a box that has no cable. */
  bareGutter: 14,
  rowGap: 14,
  rackGap: 32,
  /** Between racks that stand one below the other on a shelf; also the least distance of any two. */
  stackedGap: 28,
  /** How far left of such a rack its lines run down. */
  lane: 15,
  /** Between shelves: three rails for routes, tunnels and parents. */
  shelfGap: 60,
  /** Above a shelf of bays. */
  bayGap: 40,
  port: 10,
  stack: 44,
  stackGap: 44,
  leftGap: 52,
  outsideGap: 76,
  frameTop: 68,
  framePad: 26,
  hostGap: 30,
  /** A host without anything is still so high. */
  least: 60,
} as const

/** Heights above a shelf at which edges run along it. */
export const RAIL = { trunk: 8, route: 14, stack: 20, tunnel: 26, parent: 36 } as const

/** Slots for so many taken ones: a quarter more for what comes, unless they are few, or none is wanted. */
export const slotsFor = (taken: number, tight: boolean): number =>
  Math.max(1, tight || taken < 5 ? taken : Math.ceil(taken * 1.25))

/** Estimated width of a text at 11 px, or at `size` px. */
export const textWidth = (text: string, size = 11): number => text.length * 6.2 * (size / 11)

/** Height of a box with that many interfaces. */
export const boxHeight = (interfaces: number): number => 36 + 24 * Math.max(1, interfaces)

/** Folded members are drawn as cells of 12 px. */
export function blockHeight(members: number, width: number): number {
  const perRow = Math.max(1, Math.floor((width - 20) / 12))
  return 40 + 12 * Math.ceil(members / perRow)
}

/** Width of a box that shows its name and its interfaces' addresses. */
export function boxWidth(box: TopoNode, inside: readonly TopoNode[]): number {
  const lines = inside.map((n) => textWidth(`${n.label}  ${n.detail ?? ''}`, 10) + 40)
  return Math.max(textWidth(box.label, 12) + 26, ...lines)
}

/** Width of a bar that shows its name and, in a monospaced face, its subnet. */
export const barWidth = (bar: TopoNode): number =>
  clamp(textWidth(bar.label, 13) + 6.8 * (bar.detail ?? '').length + 64, 170, 340)

export const clamp = (n: number, low: number, high: number): number => Math.max(low, Math.min(high, Math.ceil(n)))
