import type { NodeKind, Placed, TopoNode } from '@hopscope/topology'
import type { DrawnNode } from './drawn.ts'
import { topLeft } from './drawn.ts'
import type { Palette } from './palette.ts'
import type { Primitive } from './primitive.ts'

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
