import type { TopoNode } from '@hopscope/topology'
import type { Colour } from '../../theme/colours.ts'
import { type DrawContext, LEVEL, text } from './drawn.ts'
import type { Font, Primitive } from './primitive.ts'

type Mark = { text: string; color?: Colour }

/** What is worth a mark beside the name: flags, further networks, modes that the place does not tell. */
export function marksOf(node: TopoNode, { palette, words }: DrawContext): Mark[] {
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
export function chips(
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
