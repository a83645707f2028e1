import type { NodeKind, NodeState, Placed, TopoNode } from '@hopscope/topology'
import type { Colour } from '../../theme/colours.ts'
import { ICONS } from './icons.ts'
import { type Palette, withAlpha } from './palette.ts'
import type { Font, Measure, Primitive, TextPrimitive } from './primitive.ts'

/** The words a drawing needs, from the catalogue. */
export type MapWords = {
  bay: Record<'none' | 'hand-made' | 'processes' | 'system', string>
  flag: (value: string) => string
  stack: { title: string; routes: string; rules: string; connections: string }
  staleSince: (since: number) => string
  sandbox: string
  members: (count: number, what: string) => string
  down: (count: number) => string
  number: (value: number) => string
}

export type StackCounts = { routes?: number; rules?: number; connections?: number }
/** A node as it is drawn: where it stands and what the page knows of it beside the topology. */
export type DrawnNode = {
  node: TopoNode
  rect: Placed
  counts?: StackCounts
  /** Milliseconds since the epoch since when its host is stale. */
  staleSince?: number
  sandbox?: boolean
  kernel?: string
  /** A box without interfaces has room for its image. */
  empty?: boolean
}

export type DrawContext = { palette: Palette; words: MapWords; measure: Measure }

/** Zoom at which links and names give way to state cells, and from which addresses and veth names are shown. */
export const LEVEL = {
  links: 0.36,
  names: 0.45,
  bars: 0.6,
  chips: 0.78,
  addresses: 0.64,
  pairs: 0.86,
  veths: 1.15,
} as const

/** Corner radius of a node's body: style and exports share it. */
export function bodyRadius(kind: NodeKind, rect: Placed): number {
  if (kind === 'segment' || kind === 'peer') return rect.h / 2
  if (kind === 'interface' || kind === 'entrance' || kind === 'resident') return 6
  if (kind === 'host') return 14
  if (kind === 'port') return rect.w / 2
  return 9
}

/** Fill, border and border width of a node's body. */
export function bodyPaint(
  node: Pick<TopoNode, 'kind' | 'state'>,
  palette: Palette,
  second = false,
): { fill: string; stroke: string; width: number; dash?: readonly number[] } {
  const color = palette.kinds[node.kind]
  const width = BORDER[node.kind] ?? 1
  if (second) return { fill: palette.frameFill, stroke: palette.kinds.bridge.line, width }
  if (node.kind === 'bay') return { fill: palette.background, stroke: palette.edge, width, dash: [5, 4] }
  if (node.kind === 'host') return { fill: palette.frameFill, stroke: palette.edge, width }
  if (node.state === 'down') return { fill: color.fill, stroke: palette.state.down, width: 1.2, dash: [4, 3] }
  if (node.state === 'unknown' && node.kind === 'box') return { fill: color.fill, stroke: palette.state.unknown, width }
  if (node.kind === 'box' || node.kind === 'block') return { fill: color.fill, stroke: palette.frame, width }
  const dash = node.kind === 'macvlan' || node.kind === 'peer' ? [6, 4] : undefined
  return { fill: color.fill, stroke: color.line, width, ...(dash && { dash }) }
}

const BORDER: Partial<Record<NodeKind, number>> = { host: 1.25, bridge: 1.25, nic: 1.25, port: 1.25, bay: 1 }

/** The body alone, for what cytoscape does not draw: highlights and exports. */
export function drawBody({ node, rect }: DrawnNode, palette: Palette): Primitive[] {
  const paint = bodyPaint(node, palette, isSecond(node))
  if (node.kind === 'port') {
    const { fill, stroke, width } = paint
    return [{ type: 'circle', x: rect.x, y: rect.y, r: Math.min(rect.w, rect.h) / 2, fill, stroke, width }]
  }
  return [{ type: 'rect', ...topLeft(rect), radius: bodyRadius(node.kind, rect), ...paint }]
}

/** A port that leads to another bridge than the one its box hangs below: its line shows only while it is looked at. */
export const isSecond = (node: TopoNode): boolean =>
  node.kind === 'port' && node.badges.some((b) => b.kind === 'attachment')

/** Everything on top of the body: names, addresses, marks, counts, cells. */
export function drawContent(drawn: DrawnNode, context: DrawContext): Primitive[] {
  return CONTENT[drawn.node.kind](drawn, context)
}

type Content = (drawn: DrawnNode, context: DrawContext) => Primitive[]

const CONTENT: Record<NodeKind, Content> = {
  host: hostContent,
  segment: (d, c) => labelled(d, c, { icon: true }),
  peer: (d, c) => labelled(d, c, { icon: true }),
  nic: (d, c) => labelled(d, c, { icon: true }),
  tunnel: (d, c) => labelled(d, c, { icon: true }),
  entrance: (d, c) => labelled(d, c, { icon: false }),
  resident: (d, c) => labelled(d, c, { icon: false }),
  stack: stackContent,
  bridge: barContent,
  macvlan: barContent,
  port: portContent,
  box: boxContent,
  interface: interfaceContent,
  bay: bayContent,
  block: blockContent,
}

function hostContent(
  { node, rect, staleSince, sandbox, kernel }: DrawnNode,
  { palette, words, measure }: DrawContext,
): Primitive[] {
  const { x, y } = topLeft(rect)
  const line = y + HOST_TITLE.middle
  const name = text(node.label, { x: x + 18, y: line, size: 15, weight: 600, color: palette.ink })
  const nameWidth = measure(node.label, name.font)
  const parts: Primitive[] = [{ ...name, maxWidth: rect.w * 0.5, maxHeight: 30, minScreen: 11 }]
  const facts = [sandbox ? words.sandbox : undefined, node.detail, kernel].filter((f) => f !== undefined).join(' · ')
  if (facts) {
    const detail = text(facts, { x: x + 18 + nameWidth + 12, y: line + 1, size: 11, color: palette.muted })
    parts.push({ ...detail, maxWidth: Math.max(40, rect.w * 0.6 - nameWidth), minZoom: LEVEL.chips })
  }
  if (staleSince !== undefined) {
    const stale = text(words.staleSince(staleSince), { x: x + rect.w - 18, y: line, size: 12, weight: 500 })
    const room = { maxWidth: rect.w * 0.4, maxHeight: 26, minScreen: 10 }
    parts.push({ ...stale, ...room, align: 'right', color: palette.state.degraded })
  }
  return parts
}

/** Where a host's name stands inside of its frame, from the top. */
export const HOST_TITLE = { middle: 19, height: 34 } as const

/** Name over detail, or both on one line when the body is flat. */
function labelled(
  { node, rect }: DrawnNode,
  { palette, measure }: DrawContext,
  { icon }: { icon: boolean },
): Primitive[] {
  const color = palette.kinds[node.kind]
  const { x } = topLeft(rect)
  const d = ICONS[node.kind]
  const inset = icon && d ? 30 : 9
  const parts: Primitive[] = []
  if (icon && d)
    parts.push({ type: 'icon', d, x: x + 17, y: rect.y, size: 15, stroke: color.line, minZoom: LEVEL.links })
  const room = rect.w - inset - 9
  const flat = rect.h < 30
  const small = node.kind === 'entrance'
  const size = small ? 9.5 : node.kind === 'resident' ? 11 : 12
  const name = text(node.label, {
    x: x + inset,
    y: node.detail && !flat ? rect.y - 8 : rect.y,
    size,
    weight: 600,
    color: color.ink,
  })
  if (!node.detail) return [...parts, { ...name, maxWidth: room, maxHeight: rect.h - 6, minScreen: small ? 7.5 : 9 }]
  if (!flat) {
    const detail = text(node.detail, { x: x + inset, y: rect.y + 8, size: 10, color: palette.muted, mono: true })
    // Zoomed out there is room for one line only: the name takes the middle.
    const alone: TextPrimitive = { ...name, y: rect.y, maxWidth: room, maxHeight: rect.h - 8, minScreen: 9.5 }
    return [
      ...parts,
      { ...alone, x: x + 9, maxWidth: rect.w - 16, maxZoom: LEVEL.links },
      { ...alone, minZoom: LEVEL.links, maxZoom: LEVEL.addresses },
      { ...name, maxWidth: room, maxHeight: 14, minZoom: LEVEL.addresses },
      { ...detail, maxWidth: room, minZoom: LEVEL.addresses },
    ]
  }
  const used = measure(node.label, name.font) + 8
  const detail = text(node.detail, { x: x + rect.w - 9, y: rect.y, size: 9.5, color: palette.muted, mono: true })
  return [
    ...parts,
    { ...name, maxWidth: room, maxHeight: rect.h - 4 },
    ...(room - used > 30 ? [{ ...detail, align: 'right' as const, maxWidth: room - used }] : []),
  ]
}

/** Three sections with a count each; a short bar has room for its name only. */
function stackContent({ rect, counts }: DrawnNode, { palette, words }: DrawContext): Primitive[] {
  const color = palette.kinds.stack
  const { y } = topLeft(rect)
  const roomy = rect.h >= 300
  const title = text(words.stack.title, {
    x: rect.x,
    y: roomy ? y + 44 : rect.y,
    size: 12,
    weight: 600,
    color: color.ink,
  })
  const upright = { align: 'center', upright: true, maxHeight: rect.w * 0.55 } as const
  const far: Primitive = { ...title, ...upright, y: rect.y, maxWidth: rect.h - 16, minScreen: 10 }
  if (!roomy) return [far]
  const rows = [
    { label: words.stack.routes, value: counts?.routes },
    { label: words.stack.rules, value: counts?.rules },
    { label: words.stack.connections, value: counts?.connections },
  ]
  const top = y + 84
  const step = Math.min(150, (rect.h - 90) / rows.length)
  const parts: Primitive[] = [{ ...far, maxZoom: LEVEL.addresses }]
  parts.push({ ...title, ...upright, maxWidth: 76, minZoom: LEVEL.addresses })
  for (const [i, row] of rows.entries()) {
    const from = top + step * i
    const [left, right] = [rect.x - rect.w / 2 + 8, rect.x + rect.w / 2 - 8]
    const rule = [
      { x: left, y: from },
      { x: right, y: from },
    ]
    parts.push({ type: 'path', points: rule, stroke: color.line, width: 0.75, minZoom: LEVEL.addresses })
    const value = row.value === undefined ? '–' : words.number(row.value)
    const number = text(value, { x: rect.x, y: from + 14, size: 13, weight: 600, color: color.ink })
    const label = text(row.label, { x: rect.x, y: from + 24 + (step - 26) / 2, size: 10.5, color: palette.muted })
    parts.push(
      { ...number, align: 'center', maxWidth: rect.w - 4, maxHeight: 18, minZoom: LEVEL.addresses },
      { ...label, ...upright, maxHeight: 14, minScreen: 8.5, maxWidth: step - 28, minZoom: LEVEL.addresses },
    )
  }
  return parts
}

/** A bridge or macvlan bar: icon, name, address at the left; marks at the right. */
function barContent({ node, rect }: DrawnNode, context: DrawContext): Primitive[] {
  const { palette, measure } = context
  const color = palette.kinds[node.kind]
  const { x } = topLeft(rect)
  const d = ICONS[node.kind]
  const parts: Primitive[] = d
    ? [{ type: 'icon', d, x: x + 18, y: rect.y, size: 16, stroke: color.line, minZoom: LEVEL.links }]
    : []
  const marks = chips(marksOf(node, context), {
    right: x + rect.w - 10,
    y: rect.y,
    room: rect.w * 0.45,
    color,
    context,
  })
  const name = text(node.label, { x: x + 33, y: rect.y, size: 13, weight: 600, color: color.ink })
  const width = Math.min(measure(node.label, name.font), rect.w - 50)
  const near = rect.w - 43 - marks.width
  parts.push(
    { ...name, x: x + 33, maxWidth: rect.w - 43, maxHeight: rect.h - 6, minScreen: 10.5, maxZoom: LEVEL.bars },
    { ...name, maxWidth: near, maxHeight: rect.h - 10, minZoom: LEVEL.bars },
  )
  if (node.detail && near - width > 50) {
    const detail = text(node.detail, {
      x: x + 33 + width + 12,
      y: rect.y + 0.5,
      size: 11,
      color: palette.muted,
      mono: true,
    })
    parts.push({ ...detail, maxWidth: near - width - 16, minZoom: LEVEL.bars })
  }
  return [...parts, ...marks.parts]
}

function portContent({ node, rect }: DrawnNode, { palette }: DrawContext): Primitive[] {
  const label = text(node.label, { x: rect.x, y: rect.y - rect.h / 2 - 6, size: 7.5, color: palette.muted, mono: true })
  return [{ ...label, align: 'center', maxWidth: 60, halo: palette.frameFill, minZoom: LEVEL.veths }]
}

function boxContent({ node, rect, empty }: DrawnNode, context: DrawContext): Primitive[] {
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
      minScreen: 9,
      minZoom: LEVEL.links,
      maxZoom: LEVEL.chips,
    },
    { ...name, maxWidth: rect.w - 26 - marks.width, maxHeight: 16, minZoom: LEVEL.chips },
    { ...image, maxWidth: rect.w - 28, maxHeight: 14, minZoom: LEVEL.chips },
    ...marks.parts,
  ]
}

/** Its name, nearer its address, nearer still both. */
function interfaceContent({ node, rect }: DrawnNode, { measure, palette }: DrawContext): Primitive[] {
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

function bayContent({ node, rect }: DrawnNode, { palette, words }: DrawContext): Primitive[] {
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

/** A counted block: how many, how many of them down, and a state cell for each. */
function blockContent({ node, rect }: DrawnNode, { palette, words }: DrawContext): Primitive[] {
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
  const parts: Primitive[] = [
    { ...head, maxWidth: rect.w - (down && rect.w >= 190 ? 70 : 20), maxHeight: 18, minScreen: 9.5 },
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

type Mark = { text: string; color?: Colour }

function marksOf(node: TopoNode, { palette, words }: DrawContext): Mark[] {
  return node.badges.flatMap((badge): Mark[] => {
    if (badge.kind === 'mode') return isNews(node, badge.value) ? [{ text: badge.value }] : []
    if (badge.kind === 'flag') return [{ text: words.flag(badge.value) }]
    if (badge.kind === 'attachment') return [{ text: `→ ${badge.to}`, color: palette.kinds.bridge }]
    return []
  })
}

/** A box stands below its network already, and a bar has its own colour: only the other modes say something. */
function isNews(node: TopoNode, mode: string): boolean {
  if (node.kind === 'macvlan') return true
  if (node.kind !== 'box') return false
  return mode === 'none' ? node.parent === undefined : mode.startsWith('container:')
}

/** Small rounded labels in a row that ends at `right`; those that do not fit are counted in a last `+n`. */
function chips(
  marks: Mark[],
  { right, y, room, color, context }: { right: number; y: number; room: number; color: Colour; context: DrawContext },
): { parts: Primitive[]; width: number } {
  const font: Font = { size: 8.5, weight: 500, family: 'sans' }
  const parts: Primitive[] = []
  let edge = right
  for (const [i, mark] of marks.entries()) {
    const left = right - room
    const full = context.measure(mark.text, font) + 9
    const width = Math.min(full, edge - left)
    if (width < Math.min(full, 34)) {
      const more = text(`+${marks.length - i}`, { x: edge, y, size: 8.5, weight: 500, color: context.palette.muted })
      parts.push({ ...more, align: 'right', minZoom: LEVEL.chips })
      edge -= 16
      break
    }
    const tint = mark.color ?? color
    parts.push(
      {
        type: 'rect',
        x: edge - width,
        y: y - 7,
        w: width,
        h: 14,
        radius: 4,
        fill: tint.fill,
        stroke: tint.line,
        width: 0.75,
        minZoom: LEVEL.chips,
      },
      {
        type: 'text',
        x: edge - width / 2,
        y: y + 0.5,
        text: mark.text,
        font,
        color: tint.ink,
        align: 'center',
        maxWidth: width - 6,
        maxHeight: 12,
        minScreen: 0,
        minZoom: LEVEL.chips,
      },
    )
    edge -= width + 4
  }
  return { parts, width: right - edge }
}

function text(
  value: string,
  o: { x: number; y: number; size: number; weight?: Font['weight']; color?: string; mono?: boolean },
): TextPrimitive & { minZoom?: number; maxZoom?: number } {
  const font: Font = { size: o.size, weight: o.weight ?? 400, family: o.mono ? 'mono' : 'sans' }
  return {
    type: 'text',
    x: o.x,
    y: o.y,
    text: value,
    font,
    color: o.color ?? '',
    align: 'left',
    maxWidth: 200,
    maxHeight: o.size,
    minScreen: 0,
  }
}

const topLeft = (r: Placed): Placed => ({ ...r, x: r.x - r.w / 2, y: r.y - r.h / 2 })
