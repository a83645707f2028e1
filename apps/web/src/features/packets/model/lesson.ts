import type { Hop } from '@hopscope/model'
import type { Step } from './walk.ts'

/** One of the hops that could come next. */
export type Choice = { text: string; isRight: boolean }

/** So many can be told from one another at a glance, and by the keys 1 to 4. */
const MOST = 4

/**
 * The hop that comes after `at` among others that could: what the same kind of hop could have come to instead, then hops that come
 * later or came before. In an order that says nothing, and is the same each time.
 */
export function choicesAfter(steps: readonly Step[], at: number, say: (hop: Hop) => string): Choice[] {
  const right = steps[at + 1]
  if (!right) return []
  const answer = say(right.hop)
  const near = steps.toSorted((a, b) => distance(a, right) - distance(b, right)).map(({ hop }) => hop)
  const possible = new Set([...instead(right.hop), ...near].map(say))
  possible.delete(answer)
  // What stands on the screen already is offered only where nothing else is left.
  const seen = new Set(steps.slice(0, at + 1).map(({ hop }) => say(hop)))
  const isNew = (text: string) => !seen.has(text)
  const others = [...[...possible].filter(isNew), ...[...possible].filter((text) => !isNew(text))].slice(0, MOST - 1)
  const all = [{ text: answer, isRight: true }, ...others.map((text) => ({ text, isRight: false }))]
  return all.toSorted((a, b) => shuffled(a.text, at) - shuffled(b.text, at))
}

/** What comes soon is more plausible than what is over. */
function distance({ at }: Step, right: Step): number {
  return at > right.at ? at - right.at : 2 * (right.at - at)
}

/** What a hop of the same kind could have come to. */
function instead(hop: Hop): Hop[] {
  switch (hop.kind) {
    case 'chain':
      return hop.verdict === 'accept'
        ? [{ ...hop, hits: [], policy: true, verdict: 'drop' }]
        : [{ ...hop, hits: [], policy: true, verdict: 'accept' }]
    case 'conntrack':
      return [{ ...hop, entry: hop.entry === 'created' ? 'reused' : 'created' }]
    case 'route':
      return [{ ...hop, result: hop.result === 'local' ? 'none' : 'local' }]
    case 'neighbour':
      return [{ ...hop, how: hop.how === 'failed' ? 'known' : 'failed' }]
    case 'bridge':
      return [{ ...hop, how: hop.how === 'flooded' || hop.how === 'none' ? 'local' : 'flooded' }]
    case 'deliver': {
      const { process: _, ...rest } = hop
      return hop.byKernel ? [{ ...rest, byKernel: false }] : [{ ...rest, byKernel: true }]
    }
    default:
      return []
  }
}

/** A number that depends on every letter (FNV-1a). */
function shuffled(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
