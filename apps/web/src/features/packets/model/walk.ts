import type { Flow, Hop, Way } from '@hopscope/model'
import { flowsBefore } from '@hopscope/path'

/** One direction of a conversation, by its name. */
export type NamedWay = { name: 'forward' | 'back'; way: Way }

/** A hop with its place among all: `at` counts from 0 over both ways, `before` and `after` are the packet then. */
export type Step = { at: number; name: NamedWay['name']; hop: Hop; before?: Flow; after?: Flow }

/** All hops of both ways in order, each with the packet as it comes and as it leaves. */
export function stepsOf(ways: readonly NamedWay[]): Step[] {
  const steps: Step[] = []
  for (const { name, way } of ways) {
    const flows = flowsBefore(way.hops)
    for (const [i, hop] of way.hops.entries()) {
      const before = flows[i]
      const after = hop.kind === 'nat' ? hop.after : (hop.flow ?? before)
      steps.push({ at: steps.length, name, hop, ...(before && { before }), ...(after && { after }) })
    }
  }
  return steps
}

/** Consecutive hops in one namespace. */
export type Stretch = { netns: string; steps: Step[] }

export function stretchesOf(steps: readonly Step[]): Stretch[] {
  const all: Stretch[] = []
  for (const step of steps) {
    const last = all.at(-1)
    if (last?.netns === step.hop.netns) last.steps.push(step)
    else all.push({ netns: step.hop.netns, steps: [step] })
  }
  return all
}

/** Where a key leads to among hops; undefined: it is none of ours. */
export function stepBy(key: string, at: number | undefined, count: number): number | undefined {
  const last = count - 1
  if (last < 0) return undefined
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return at === undefined ? 0 : Math.min(last, at + 1)
    case 'ArrowUp':
    case 'k':
      return at === undefined ? 0 : Math.max(0, at - 1)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return undefined
  }
}

type Direction = { name?: NamedWay['name']; hops: readonly Hop[]; at?: number }

/** The direction that a hop belongs to, and the hop's place in it; the first one where none is looked at. */
export function directionAt(ways: readonly NamedWay[], at: number | undefined): Direction {
  let rest = at
  for (const { name, way } of ways) {
    if (rest === undefined) return { name, hops: way.hops }
    if (rest < way.hops.length) return { name, hops: way.hops, at: rest }
    rest -= way.hops.length
  }
  return { hops: [] }
}

/** Both ways up to a hop and no further. */
export function waysUpTo(ways: readonly NamedWay[], at: number): NamedWay[] {
  const shown: NamedWay[] = []
  let rest = at + 1
  for (const { name, way } of ways) {
    if (rest <= 0) return shown
    shown.push({ name, way: { ...way, hops: way.hops.slice(0, rest) } })
    rest -= way.hops.length
  }
  return shown
}
