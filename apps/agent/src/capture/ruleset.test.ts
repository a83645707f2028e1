import type { FwChain } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { captureLimitSchema } from './limit.ts'
import { traceTables } from './ruleset.ts'

const chain = (more: Partial<FwChain>): FwChain => ({
  ...{ id: 'c', netns: 'n', engine: 'nft', family: 'ip', table: 't', chain: 'c', type: 'filter', priority: 0 },
  ...more,
})

/** Names of our chains that packets meet at a hook, of one family. */
function hooked(family: string, others: readonly FwChain[]): string[] {
  const limit = captureLimitSchema.parse({})
  const table = traceTables({ alternatives: [[]], limit, own: [], others }).find((one) => one.family === family)
  return (table?.chains ?? []).flatMap(({ name, hook }) => (hook ? [name] : []))
}

describe('the chains that every packet pays for', () => {
  const FEWEST = ['match-prerouting', 'match-output', 'seen-input', 'seen-postrouting']

  it('are the starts and the ends of the way, and where a route is chosen, while nobody else has any', () => {
    expect(hooked('bridge', [])).toEqual(FEWEST)
    expect(hooked('ip', [])).toEqual([...FEWEST.slice(0, 2), 'enter-forward', ...FEWEST.slice(2)])
  })

  it('stand before and behind those of others, of the same family or of inet', () => {
    const added = (family: string, others: readonly FwChain[]) =>
      hooked(family, others).filter((name) => !hooked(family, []).includes(name))
    expect(added('ip', [chain({ hook: 'input' })])).toEqual(['enter-input'])
    expect(added('ip6', [chain({ hook: 'input' })])).toEqual([])
    expect(added('ip6', [chain({ family: 'inet', hook: 'output' })])).toEqual(['seen-output'])
    expect(added('bridge', [chain({ family: 'inet', hook: 'output' })])).toEqual([])
    expect(added('bridge', [chain({ family: 'bridge', hook: 'forward' })])).toEqual(['enter-forward'])
    expect(added('ip', [chain({ hook: 'forward' })])).toEqual([])
    expect(added('ip', [chain({ engine: 'legacy', hook: 'forward' })])).toEqual(['seen-forward'])
    expect(added('ip', [chain({ type: 'nat', hook: 'prerouting', priority: -100 })])).toEqual([
      'match-late-prerouting',
      'seen-prerouting',
    ])
  })
})
