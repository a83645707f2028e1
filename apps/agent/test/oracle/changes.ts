import type { Random } from '@hopscope/testkit/random'
import { docker } from './changes/docker.ts'
import { layer3 } from './changes/layer3.ts'
import { links } from './changes/links.ts'
import { namespaces } from './changes/namespaces.ts'
import { rules } from './changes/rules.ts'
import type { Change } from './changes/scene.ts'

/** What is done to a host, each as often as its weight says. The order decides what a seed means. */
export const CHANGES: readonly Change[] = [...links, ...namespaces, ...layer3, ...rules, ...docker]

/** A change by weight. */
export function pickChange(random: Random): Change {
  let left = random.next() * CHANGES.reduce((sum, c) => sum + c.weight, 0)
  for (const change of CHANGES) {
    left -= change.weight
    if (left < 0) return change
  }
  throw new Error('unreachable: the weights add up to the sum')
}
