import type { Point } from './geometry.ts'

export type Direction = 'left' | 'right' | 'up' | 'down'
export type Spot = { id: string } & Point

/**
 * The spot to go to from `from` in a direction: the nearest in that quarter of the compass, sideways distance counting
 * double. Undefined at the edge of the map.
 */
export function spotToward(spots: Iterable<Spot>, from: Spot, direction: Direction): string | undefined {
  let best: { id: string; cost: number } | undefined
  for (const spot of spots) {
    if (spot.id === from.id) continue
    const { along, aside } = relative(from, spot, direction)
    if (along <= 1 || aside > along * 1.5) continue
    const cost = along + 2 * aside
    if (!best || cost < best.cost || (cost === best.cost && spot.id < best.id)) best = { id: spot.id, cost }
  }
  return best?.id
}

function relative(from: Point, to: Point, direction: Direction): { along: number; aside: number } {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  switch (direction) {
    case 'left':
      return { along: -dx, aside: Math.abs(dy) }
    case 'right':
      return { along: dx, aside: Math.abs(dy) }
    case 'up':
      return { along: -dy, aside: Math.abs(dx) }
    case 'down':
      return { along: dy, aside: Math.abs(dx) }
  }
}
