import type { RecordKind } from '@hopscope/model'
import type { NodeKind, SearchHit, TopoNode } from '@hopscope/topology'

/** The icon of what was found: that of its node on the map, unless the node only lists it. */
export function hitIcon(hit: SearchHit, node: TopoNode | undefined): NodeKind {
  const own = ICONS[hit.ref.kind]
  if (own !== undefined) return own
  if (!node || (hit.ref.kind === 'link' && node.refs[0]?.id !== hit.ref.id)) return 'interface'
  return node.kind
}

const ICONS: Partial<Record<RecordKind, NodeKind>> = {
  address: 'interface',
  neighbour: 'interface',
  socket: 'entrance',
  route: 'stack',
  fwChain: 'stack',
  fwRule: 'stack',
}
