import { chips, marksOf } from './chips.ts'
import { type DrawContext, type DrawnNode, HOST_TITLE, LEVEL, text, topLeft } from './drawn.ts'
import { ICONS } from './icons.ts'
import type { Primitive, TextPrimitive } from './primitive.ts'

export function hostContent(
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

/** Name over detail, or both on one line when the body is flat. */
export function labelled(
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
export function stackContent({ rect, counts }: DrawnNode, { palette, words }: DrawContext): Primitive[] {
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
export function barContent({ node, rect }: DrawnNode, context: DrawContext): Primitive[] {
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
