import type { Hop, Way } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { compareWays } from './compare.ts'

const link = { netns: 'ns:1', index: 2, name: 'eth0' }
const chain = (handle: number, verdict: 'accept' | 'drop'): Hop => ({
  ...{
    kind: 'chain',
    netns: 'ns:1',
    basis: 'predicted',
    hook: 'forward',
    engine: 'nft',
    family: 'ip',
    table: 'filter',
  },
  ...{ chain: 'FORWARD', verdict, policy: false },
  hits: [{ chain: 'FORWARD', ruleId: `r${handle}`, handle, verdict }],
})
const arrive: Hop = { kind: 'arrive', netns: 'ns:1', basis: 'predicted', link }
const leave: Hop = { kind: 'leave', netns: 'ns:1', basis: 'predicted', link }
const way = (hops: Hop[], verdict: Way['outcome']['verdict'] = 'delivered'): Way => ({ hops, outcome: { verdict } })

describe('a prediction beside what was seen', () => {
  it('is the same though one was seen and texts are missing', () => {
    const seen = way([{ ...arrive, basis: 'observed' }, chain(1, 'accept'), leave])
    const { rows, first, sameVerdict } = compareWays(way([arrive, chain(1, 'accept'), leave]), seen)
    expect([rows.length, first, sameVerdict]).toEqual([3, undefined, true])
  })

  it('differs first where another rule matched, and goes on behind it', () => {
    const { rows, first } = compareWays(
      way([arrive, chain(1, 'accept'), leave]),
      way([arrive, chain(2, 'accept'), leave]),
    )
    expect(first).toBe(1)
    expect(rows).toEqual([
      { predicted: arrive, observed: arrive },
      { predicted: chain(1, 'accept') },
      { observed: chain(2, 'accept') },
      { predicted: leave, observed: leave },
    ])
  })

  it('differs at its end where the packet was dropped instead', () => {
    const { first, sameVerdict } = compareWays(way([arrive, leave]), way([arrive], 'dropped'))
    expect([first, sameVerdict]).toEqual([1, false])
  })

  it('is the same though chains of one priority ran in another order', () => {
    const at = (table: string, priority: number): Hop =>
      ({ ...chain(1, 'accept'), ...{ kind: 'chain', table, priority } }) as Hop // as it was
    const [a, b, late] = [at('a', 0), at('b', 0), at('b', 10)]
    expect(compareWays(way([arrive, a, b, leave]), way([arrive, b, a, leave])).first).toBeUndefined()
    expect(compareWays(way([arrive, a, late, leave]), way([arrive, late, a, leave])).first).toBe(1)
  })

  it('leaves out rules of iptables-legacy where nothing is told of them', () => {
    const legacy: Hop = { ...chain(1, 'accept'), ...{ kind: 'chain', engine: 'legacy' } } as Hop // a chain as it was
    const predicted = way([arrive, legacy, leave])
    expect(compareWays(predicted, way([arrive, leave]), new Set(['ns:1'])).first).toBeUndefined()
    expect(compareWays(predicted, way([arrive, leave]), new Set(['ns:2'])).first).toBe(1)
  })

  it('of a name that was resolved first', () => {
    const resolve: Hop = {
      kind: 'resolve',
      netns: 'ns:1',
      basis: 'predicted',
      name: 'web',
      address: '10.0.0.1',
      how: 'docker',
    }
    expect(compareWays(way([resolve, arrive]), way([arrive])).first).toBeUndefined()
  })
})
