import { listChain } from '@hopscope/path'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { answer } from './answer.ts'
import { runsOf } from './chain.ts'
import { stepsOf } from './walk.ts'

const host = recordedHost(46)

describe('a chain as a packet met it', () => {
  it('puts rules in a row together that say the same of the packet', () => {
    const answered = answer({ from: 'outside', to: '192.168.66.11', protocol: 'tcp', port: '8080' }, host)
    if (answered.kind === 'wrong') throw new Error(answered.wrong.code)
    const rules = stepsOf(answered.ways).flatMap(({ hop, before }) =>
      hop.kind === 'chain' && hop.chain === 'FORWARD' ? listChain(hop, before, host).rules : [],
    )
    const runs = runsOf(rules)
    expect(runs.flatMap((run) => run.rules)).toEqual(rules)
    expect(runs.length).toBeLessThan(rules.length)
    for (const run of runs) if (run.state === 'matched') expect(run.rules).toHaveLength(1)
  })
})
