import type { Placed } from '../topology.ts'
import type { View } from './groups.ts'
import type { HostPlan } from './placeHost.ts'
import { SIZE } from './sizes.ts'

const W = 156
const H = 36
const PITCH = H + 16

/** Segments and peers: one column left of all hosts, each opposite of what it is joined to. */
export function placeOutside(v: View, plans: readonly HostPlan[], nodes: Map<string, Placed>): void {
  const x = Math.min(0, ...plans.map((p) => p.frame.x - p.frame.w / 2)) - SIZE.outsideGap - W / 2
  const wished = v.outside.map((n) => ({ id: n.id, y: wish(v, n.id, nodes) }))
  wished.sort((a, b) => a.y - b.y || (a.id < b.id ? -1 : 1))
  let below = -Infinity
  for (const n of wished) {
    const y = Math.max(n.y, below + PITCH)
    nodes.set(n.id, { x, y, w: W, h: H })
    below = y
  }
}

function wish(v: View, id: string, nodes: ReadonlyMap<string, Placed>): number {
  const ys = v.edges.flatMap((e) => {
    if (e.kind !== 'segment' && e.kind !== 'tunnel') return []
    const other = e.source === id ? e.target : e.target === id ? e.source : undefined
    return other === undefined ? [] : (nodes.get(other)?.y ?? [])
  })
  return ys.length === 0 ? 0 : ys.reduce((a, b) => a + b, 0) / ys.length
}
