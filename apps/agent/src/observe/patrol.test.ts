import { describe, expect, it } from 'vitest'
import type { NetnsEntry } from './contract.ts'
import { startPatrol } from './patrol.ts'

const entries = (n: number): NetnsEntry[] =>
  Array.from({ length: n }, (_, i) => ({ id: `ns:${i}`, inode: i, root: false, path: '' }))

/** Which namespace was visited at which step of two seconds. */
function patrol(count: number, perSecond: number, steps: number): string[][] {
  const visited: string[][] = []
  let act: () => void = () => undefined
  const scheduler = {
    after: () => () => undefined,
    every: (_milliseconds: number, tick: () => void) => {
      act = tick
      return () => undefined
    },
  }
  const list = () => entries(count)
  startPatrol({ scheduler, list, visit: ({ id }) => void visited.at(-1)?.push(id), round: 4_000, perSecond })
  for (let i = 0; i < steps; i++) {
    visited.push([])
    act()
  }
  return visited
}

describe('a patrol', () => {
  it.each([1, 7, 16, 25, 64])('visits each of %i namespaces once in a round, spread over it', (count) => {
    const visited = patrol(count, 16, 6)
    for (const { id } of entries(count)) {
      const steps = visited.flatMap((step, i) => step.filter((one) => one === id).map(() => i))
      expect(steps.length).toBe(3)
      for (const [i, at] of steps.slice(1).entries()) expect(at - (steps[i] ?? 0)).toBe(2)
    }
    expect(Math.max(...visited.map((step) => step.length))).toBeLessThanOrEqual(Math.ceil(count / 2))
  })

  it('takes longer for very many, and leaves none out', () => {
    const visited = patrol(300, 16, 19)
    for (const step of visited) expect(step.length).toBeLessThanOrEqual(32)
    expect(new Set(visited.slice(0, 10).flat()).size).toBe(300)
    expect(new Set(visited.slice(10).flat()).size).toBeGreaterThan(280)
  })
})
