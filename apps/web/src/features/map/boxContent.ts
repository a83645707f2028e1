import type { NodeState, Placed, TopoNode } from '@hopscope/topology'
import { chips, marksOf } from './chips.ts'
import { type DrawContext, type DrawnNode, LEVEL, type MapWords, text, topLeft } from './drawn.ts'
import { type Palette, withAlpha } from './palette.ts'
import type { Primitive } from './primitive.ts'

export function portContent({ node, rect }: DrawnNode, { palette }: DrawContext): Primitive[] {
  const label = text(node.label, { x: rect.x, y: rect.y - rect.h / 2 - 6, size: 7.5, color: palette.muted, mono: true })
  return [{ ...label, align: 'center', maxWidth: 60, halo: palette.frameFill, minZoom: LEVEL.veths }]
}

export function boxContent({ node, rect, empty }: DrawnNode, context: DrawContext): Primitive[] {
  const { palette } = context
  const { x, y } = topLeft(rect)
  const color = palette.kinds.box
  const cell: Primitive = {
    type: 'rect',
    x: x + 3,
    y: y + 3,
    w: rect.w - 6,
    h: rect.h - 6,
    radius: 6,
    fill: cellFill(node.state, palette),
    maxZoom: LEVEL.links,
  }
  const header = y + 14
  const marks = chips(marksOf(node, context), { right: x + rect.w - 7, y: header, room: rect.w * 0.5, color, context })
  const dot: Primitive = {
    type: 'circle',
    x: x + 12,
    y: header,
    r: 3,
    fill: palette.state[node.state],
    minZoom: LEVEL.chips,
  }
  const name = text(node.label, { x: x + 20, y: header, size: 12, weight: 600, color: color.ink })
  const image = text(empty ? (node.detail ?? '') : '', { x: x + 20, y: header + 20, size: 10, color: palette.muted })
  return [
    cell,
    dot,
    {
      ...name,
      x: x + 8,
      maxWidth: rect.w - 14,
      maxHeight: 22,
      minScreen: 10,
      minZoom: LEVEL.links,
      maxZoom: LEVEL.chips,
    },
    { ...name, maxWidth: rect.w - 26 - marks.width, maxHeight: 16, minZoom: LEVEL.chips },
    { ...image, maxWidth: rect.w - 28, maxHeight: 14, minZoom: LEVEL.chips },
    ...marks.parts,
  ]
}

/** Its name, nearer its address, nearer still both. */
export function interfaceContent({ node, rect }: DrawnNode, { measure, palette }: DrawContext): Primitive[] {
  const { x } = topLeft(rect)
  const color = palette.kinds.interface
  const name = text(node.label, { x: x + 7, y: rect.y, size: 9.5, weight: 600, color: color.ink })
  const readable = { maxHeight: rect.h - 3, minScreen: 8.5, maxWidth: rect.w - 12 } as const
  if (!node.detail) return [{ ...name, ...readable, minZoom: LEVEL.names }]
  const used = Math.min(measure(node.label, name.font), rect.w * 0.45)
  const detail = text(node.detail, { x: x + rect.w - 7, y: rect.y, size: 9, color: color.ink, mono: true })
  return [
    { ...name, ...readable, minZoom: LEVEL.names, maxZoom: LEVEL.addresses },
    { ...detail, ...readable, x: x + 7, minZoom: LEVEL.addresses, maxZoom: LEVEL.pairs },
    { ...name, maxWidth: used + 2, minZoom: LEVEL.pairs },
    { ...detail, align: 'right', maxWidth: rect.w - used - 19, minZoom: LEVEL.pairs },
  ]
}

export function bayContent({ node, rect }: DrawnNode, { palette, words }: DrawContext): Primitive[] {
  const { x, y } = topLeft(rect)
  const label = nameOf(node, words)
  const title = text(label, { x: x + 12, y: y + 14, size: 11, weight: 500, color: palette.muted })
  return [{ ...title, maxWidth: rect.w - 20, maxHeight: 24, minScreen: 9.5 }]
}

/** What a reader calls a node: its own name, or the page's word for things that have none. */
export function nameOf(node: TopoNode, words: MapWords): string {
  if (node.kind === 'stack') return words.stack.title
  if (node.kind === 'bay') return node.bay ? words.bay[node.bay] : node.label
  if (node.kind === 'block') return blockName(node, words)
  return node.label
}

function blockName({ members, memberKind, rack }: TopoNode, words: MapWords): string {
  const what = memberKind === 'box' ? (rack === undefined ? 'namespace' : 'container') : (memberKind ?? 'other')
  return words.members(members?.length ?? 0, what)
}

/** Pixels on the screen to which a text that grew may shrink again before it is cut. */
const SHORTEST = 8

/** A counted block: how many, how many of them down, and a state cell for each. */
export function blockContent({ node, rect }: DrawnNode, { palette, words, measure }: DrawContext): Primitive[] {
  const { x, y } = topLeft(rect)
  const members = node.members ?? []
  const down = members.filter((m) => m.state === 'down').length
  const head = text(blockName(node, words), {
    x: x + 10,
    y: y + 14,
    size: 12,
    weight: 600,
    color: palette.kinds.block.ink,
  })
  const room = { maxWidth: rect.w - (down && rect.w >= 190 ? 70 : 20), maxHeight: 18, minScreen: 9.5 }
  // Where the words would be cut, the number says more.
  const whole = (SHORTEST * measure(head.text, head.font)) / head.font.size / room.maxWidth
  const parts: Primitive[] = [
    { ...head, ...room, minZoom: whole },
    { ...head, ...room, text: words.number(members.length), maxZoom: whole },
  ]
  if (down > 0 && rect.w >= 190) {
    const note = text(words.down(down), {
      x: x + rect.w - 10,
      y: y + 14,
      size: 10.5,
      weight: 500,
      color: palette.state.down,
    })
    parts.push({ ...note, align: 'right', maxWidth: 60, maxHeight: 16, minScreen: 9 })
  }
  for (const cell of blockCells(rect, members.length)) {
    const state: NodeState = members[cell.index]?.state ?? 'unknown'
    parts.push({
      type: 'rect',
      x: cell.x,
      y: cell.y,
      w: cell.size,
      h: cell.size,
      radius: cell.size / 5,
      fill: cellFill(state, palette),
    })
  }
  return parts
}

/** What is well is calm; what is not stands out. */
const cellFill = (state: NodeState, palette: Palette): string =>
  withAlpha(palette.state[state], state === 'up' ? 0.38 : state === 'unknown' ? 0.3 : 0.9)

/** Where a block's cells stand: as large as they fit, at most 16, in rows from the top left. */
export function blockCells(rect: Placed, count: number): { index: number; x: number; y: number; size: number }[] {
  const { x, y } = topLeft(rect)
  const [w, h] = [rect.w - 20, rect.h - 36]
  if (count === 0 || w <= 0 || h <= 0) return []
  let pitch = 18
  while (pitch > 2 && Math.floor(w / pitch) * Math.floor(h / pitch) < count) pitch -= 0.5
  const columns = Math.max(1, Math.floor(w / pitch))
  const gap = Math.max(1, pitch * 0.16)
  return Array.from({ length: count }, (_, index) => ({
    index,
    x: x + 10 + (index % columns) * pitch,
    y: y + 26 + Math.floor(index / columns) * pitch,
    size: pitch - gap,
  }))
}
