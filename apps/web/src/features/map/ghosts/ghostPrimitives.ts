import { bodyRadius, drawBody } from '../body.ts'
import type { DrawContext, DrawnNode } from '../drawn.ts'
import { withAlpha } from '../palette.ts'
import { SMALL } from '../picture.ts'
import type { Primitive } from '../primitive.ts'
import type { DrawnEdge } from '../scene.ts'
import type { Ghosts } from './ghosts.ts'

type Context = DrawContext & { zoom: number }
type Content = (drawn: DrawnNode) => Primitive[]

/** What will come dashed in outline, what will go struck through, in lines that are as thick at every zoom. */
export function ghostPrimitives({ appear, change, leave }: Ghosts, context: Context, content: Content): Primitive[] {
  const isSmall = ({ node }: DrawnNode): boolean => SMALL.has(node.kind)
  const bodies = (nodes: readonly DrawnNode[]): Primitive[] => nodes.flatMap((one) => outlined(one, context))
  // What is in a box stays: only its border is drawn anew.
  const boxes = change.filter(({ node }) => node.kind === 'box')
  const comes = [...appear.nodes, ...change.filter(({ node }) => node.kind !== 'box')]
  return [
    ...leave.edges.filter(isSeen).flatMap((e) => lineOf(e, context.palette.state.down, context)),
    ...leave.nodes.flatMap((one) => struck(one, context)),
    ...bodies(boxes).map((body) => ({ ...body, fill: undefined }) as Primitive), // a body without its filling
    ...bodies(comes.filter((one) => !isSmall(one))),
    ...appear.edges.filter(isSeen).flatMap((e) => lineOf(e, context.palette.focus, context)),
    ...bodies(comes.filter(isSmall)),
    ...comes.flatMap(content),
  ]
}

/** A second attachment is what the change is about; how a door leads on to its container is not. */
const isSeen = ({ edge }: DrawnEdge): boolean => edge.kind !== 'publish' || !edge.secondary

function outlined(drawn: DrawnNode, { palette, zoom }: Context): Primitive[] {
  const dash = [5 / zoom, 3.5 / zoom]
  const width = 1.75 / zoom
  // A port is a dot that dashes would eat up.
  return drawBody(drawn, palette).map((body) =>
    body.type === 'rect'
      ? { ...body, stroke: palette.focus, width, dash }
      : body.type === 'circle'
        ? { ...body, stroke: palette.focus, width }
        : body,
  )
}

function struck({ node, rect }: DrawnNode, { palette, zoom }: Context): Primitive[] {
  const [left, top] = [rect.x - rect.w / 2, rect.y - rect.h / 2]
  const veil = { x: left, y: top, w: rect.w, h: rect.h, radius: bodyRadius(node.kind, rect) }
  const fill = withAlpha(palette.background, 0.62)
  const stroke = palette.state.down
  const look = { stroke, width: 1.5 / zoom }
  const strike: Primitive = {
    type: 'path',
    points: [
      { x: left, y: top + rect.h },
      { x: left + rect.w, y: top },
    ],
    ...look,
  }
  return [
    { type: 'rect', ...veil, fill, ...look, dash: [4 / zoom, 3 / zoom] },
    ...(node.kind === 'interface' ? [] : [strike]),
  ]
}

const lineOf = ({ route }: DrawnEdge, stroke: string, { zoom }: Context): Primitive[] => [
  { type: 'path', points: route, stroke, width: 1.75 / zoom, dash: [5 / zoom, 3.5 / zoom] },
]
