import type { HopOf } from '@hopscope/model'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { answer } from './answer.ts'
import { type ListedChain, type ListedRule, listChain, runsOf } from './chain.ts'

const host = recordedHost(46)

function chainHops(from: string, to: string, port: string): HopOf<'chain'>[] {
  const answered = answer({ from, to, protocol: 'tcp', port }, host)
  if (answered.kind === 'wrong') throw new Error(answered.wrong.code)
  return answered.ways.flatMap(({ way }) => way.hops.filter((hop) => hop.kind === 'chain'))
}
const matched = ({ rules }: ListedChain): Extract<ListedRule, { state: 'matched' }>[] =>
  rules.flatMap((rule) => (rule.state === 'matched' ? [rule, ...(rule.into ? matched(rule.into) : [])] : []))

describe('a chain as a packet met it', () => {
  it('marks every rule that matched, in order, in the chains where they stand', () => {
    const hops = chainHops('outside', '192.168.66.11', '8080')
    expect(hops.some(({ hits }) => hits.length > 3)).toBe(true)
    for (const hop of hops) expect(matched(listChain(hop, host)).map(({ hit }) => hit)).toEqual(hop.hits)
  })

  it('tells what was passed over from what was never come to, also after a jump that came back', () => {
    const forward = chainHops('outside', '192.168.66.11', '8080').find(({ chain }) => chain === 'FORWARD')
    if (!forward) throw new Error('nothing is forwarded')
    const listed = listChain(forward, host)
    const states = listed.rules.map(({ state }) => state)
    const last = states.lastIndexOf('matched')
    expect(states.slice(last + 1).every((state) => state === 'unreached')).toBe(true)
    expect(states.slice(0, last)).not.toContain('unreached')
    expect(states).toContain('passed')
    const user = listed.rules.find((one) => one.state === 'matched' && one.into?.chain === 'DOCKER-USER')
    expect(user).toBeDefined()
    expect(listed.policy).toBeUndefined()
  })

  it('ends with the policy where no rule decided', () => {
    const empty = chainHops('cache', 'worker', '80').find(({ policy }) => policy)
    if (!empty) throw new Error('no policy decided')
    expect(listChain(empty, host)).toMatchObject({ policy: 'ACCEPT' })
  })

  it('puts rules in a row together that say the same of the packet', () => {
    const forward = chainHops('outside', '192.168.66.11', '8080').find(({ chain }) => chain === 'FORWARD')
    const { rules } = forward ? listChain(forward, host) : { rules: [] }
    const runs = runsOf(rules)
    expect(runs.flatMap((run) => run.rules)).toEqual(rules)
    expect(runs.length).toBeLessThan(rules.length)
    for (const run of runs) if (run.state === 'matched') expect(run.rules).toHaveLength(1)
  })
})
