import type { NodeKind } from '@hopscope/topology'
import { bayContent, blockContent, boxContent, interfaceContent, portContent } from './boxContent.ts'
import type { DrawContext, DrawnNode } from './drawn.ts'
import { barContent, hostContent, labelled, stackContent } from './hostContent.ts'
import type { Primitive } from './primitive.ts'

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
