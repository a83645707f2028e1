import { generateHost, onlyContainers } from '@hopscope/testkit'
import { deriveTopology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { type FoldChoice, foldMap, START_FOLDS } from './fold.ts'
import { createPlacer } from './positions.ts'
import { buildScene, diffScene, type Scene } from './scene.ts'

const STEPS = 500
const seed = Number(process.env.SEED ?? 46)

describe(`${STEPS} containers that come and go (SEED=${seed})`, () => {
  for (const [name, choice, containers] of [
    ['by itself', START_FOLDS, 90],
    ['everything opened', { ...START_FOLDS, folding: 'unfoldAll' }, 60],
  ] as const) {
    it(`${name}: no other box moves`, () => {
      const moved: string[] = []
      let [came, went] = [0, 0]
      let last: Scene | undefined
      for (const { scene, step } of visits(choice, containers)) {
        const { add, remove } = diffScene(last, scene)
        came += add.nodes.some((d) => d.node.kind === 'box') ? 1 : 0
        went += remove.length > 0 ? 1 : 0
        for (const [id, corner] of corners(last)) {
          const now = corners(scene).get(id)
          if (now !== undefined && now !== corner) moved.push(`step ${step}: ${id} from ${corner} to ${now}`)
        }
        last = scene
      }
      expect(moved).toEqual([])
      expect(Math.min(came, went)).toBeGreaterThan(STEPS / 10)
    })
  }
})

/** What the map shows after each of so many random additions and removals. */
function* visits(choice: FoldChoice, containers: number): Generator<{ scene: Scene; step: number }> {
  const whole = generateHost({ containers, seed, neighbours: [11] })
  const ids = Object.keys(whole.records.container)
  const present = new Set(ids.filter((_, i) => i % 2 === 0))
  const placer = createPlacer()
  const random = randomFrom(seed)
  for (let step = 0; step <= STEPS; step++) {
    const folded = foldMap(deriveTopology([onlyContainers(whole, present)]), choice, []).topology
    yield { scene: buildScene(folded, placer.place(folded), new Map()), step }
    const id = ids[Math.floor(random() * ids.length)] ?? ''
    if (!present.delete(id)) present.add(id)
  }
}

/** Upper left corners of boxes and of blocks of them, by id. */
function corners(scene: Scene | undefined): Map<string, string> {
  const boxes = [...(scene?.nodes.values() ?? [])].filter(
    ({ node }) => node.kind === 'box' || (node.kind === 'block' && node.memberKind === 'box'),
  )
  return new Map(boxes.map(({ node, rect }) => [node.id, `${rect.x - rect.w / 2},${rect.y - rect.h / 2}`]))
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
