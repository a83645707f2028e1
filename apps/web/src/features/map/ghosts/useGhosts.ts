import { compareStates } from '@hopscope/topology'
import { useEffect, useRef, useState } from 'react'
import { useExpected } from '../../changes/expecting.ts'
import type { Filters } from '../filters.ts'
import type { Placer } from '../positions.ts'
import type { MapModel } from '../useMapModel.ts'
import { type Ghosts, ghostsOf, imagined } from './ghosts.ts'

type Input = { model: MapModel; placer: Placer | undefined; filters: Filters }

/** What the command of the open dialog would make of the map, a few frames after it is known; one step of the work in each. */
export function useGhosts({ model, placer, filters }: Input): Ghosts | undefined {
  const expected = useExpected()
  const [ghosts, setGhosts] = useState<Ghosts>()
  const latest = useRef({ model, placer, filters })
  latest.current = { model, placer, filters }
  const { scene } = model
  // biome-ignore lint/correctness/useExhaustiveDependencies: `scene` stands for the whole model; what does not change it changes no ghost
  useEffect(() => {
    if (expected === undefined || expected === 'begun') return setGhosts(undefined)
    return inFrames(function* () {
      const comparison = compareStates(expected.before, expected.after)
      yield
      const now = latest.current
      if (!now.placer) return
      const { whole, folded, facts, scene } = now.model
      const after = imagined(whole, comparison, { scene, folded, filters: now.filters, place: now.placer.imagine })
      yield
      setGhosts(ghostsOf(scene, { ...after, comparison, facts }))
    })
  }, [expected, scene])
  return ghosts
}

/** Does work step by step, each in a frame of its own; returns how to stop. */
function inFrames(work: () => Generator<void>): () => void {
  const steps = work()
  let frame = requestAnimationFrame(function next() {
    if (!steps.next().done) frame = requestAnimationFrame(next)
  })
  return () => cancelAnimationFrame(frame)
}
