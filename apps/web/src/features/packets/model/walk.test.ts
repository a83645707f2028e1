import { recordsOf } from '@hopscope/model'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { draftOf } from '../../changes/model/draftOf.ts'
import { answer, otherDestinations } from './answer.ts'
import { blamed } from './blame.ts'
import { stepBy, stepsOf, stretchesOf } from './walk.ts'

const host = recordedHost(46)
const ask = (from: string, to: string, port = '') => {
  const answered = answer({ from, to, protocol: port === '' ? 'icmp' : 'tcp', ...(port !== '' && { port }) }, host)
  if (answered.kind === 'wrong') throw new Error(answered.wrong.code)
  return answered
}

describe('a way to step through', () => {
  const { ways, prediction } = ask('outside', '192.168.66.11', '8080')
  const steps = stepsOf(ways)

  it('counts the hops of both ways and knows the packet before and after each', () => {
    expect(steps.map(({ at }) => at)).toEqual(steps.map((_, i) => i))
    expect(steps).toHaveLength(prediction.forward.hops.length + (prediction.back?.hops.length ?? 0))
    const nat = steps.find(({ hop }) => hop.kind === 'nat')
    expect(nat?.before).toMatchObject({ dst: '192.168.66.11', dport: 8080 })
    expect(nat?.after?.dport).toBe(80)
    expect(steps[(nat?.at ?? 0) + 1]?.before).toEqual(nat?.after)
  })

  it('puts together what happens in one namespace, and loses none', () => {
    const forward = steps.filter(({ name }) => name === 'forward')
    const stretches = stretchesOf(forward)
    expect(stretches.flatMap((stretch) => stretch.steps)).toEqual(forward)
    for (const [i, { netns }] of stretches.entries()) expect(netns).not.toBe(stretches[i + 1]?.netns)
  })

  it('goes by keys, and not beyond its ends', () => {
    expect(stepBy('j', undefined, 3)).toBe(0)
    expect(stepBy('ArrowDown', 2, 3)).toBe(2)
    expect(stepBy('k', 0, 3)).toBe(0)
    expect([stepBy('Home', 2, 3), stepBy('End', 0, 3)]).toEqual([0, 2])
    expect([stepBy('x', 0, 3), stepBy('j', undefined, 0)]).toEqual([undefined, undefined])
  })
})

describe('an answer', () => {
  it('names what is to blame by what people call it', () => {
    const rule = ask('cache', recordsOf(host, 'container').find(({ name }) => name === 'db')?.attachments[0]?.ip ?? '')
    expect(blamed('h', host, rule.prediction.outcome.blame)).toMatchObject({
      ref: { hostId: 'h', kind: 'fwRule' },
      name: expect.stringMatching(/^filter DOCKER-ISOLATION-STAGE-2 \d+$/),
    })
    expect(blamed('h', host, 'nothing')).toBeUndefined()
  })

  it('offers the addresses of a name that its sender cannot resolve', () => {
    const { prediction } = ask('host', 'db')
    const ip = recordsOf(host, 'container').find(({ name }) => name === 'db')?.attachments[0]?.ip
    expect(otherDestinations(prediction.outcome, 'db', host)).toEqual([ip])
  })

  it('a proposed command opens its dialog with all of it put in, by names', () => {
    const { rootNetns } = host.host
    expect(draftOf({ do: 'sysctl.set', netns: rootNetns, key: 'ip_forward', value: 1 }, host)).toMatchObject({
      label: 'forwardOn',
      values: { netns: 'root', key: 'ip_forward', value: '1' },
    })
    const rule = { do: 'rule.add', netns: rootNetns, chain: 'FORWARD', action: 'accept', src: '172.17.0.2/32' }
    expect(draftOf(rule, host)).toMatchObject({ fixed: ['netns'], values: { chain: 'FORWARD', src: '172.17.0.2/32' } })
    expect(draftOf({ do: 'nothing' }, host)).toBeUndefined()
  })
})
