import { expect, it } from 'vitest'
import { argumentsOf, requestsOf } from './requests.ts'

const who = {
  ...{ at: 1, address: '::1', user: { id: 'u', name: 'ada', role: 'admin' as const }, host: { id: 'h', name: 'h' } },
}
const asked = (seq: number) => ({ kind: 'asked' as const, seq, ...who, request: { kind: 'undo', id: `${seq}` } })
const came = (seq: number, of: number, outcome = 'done') => ({
  ...{ kind: 'came' as const, seq, ...who, asked: of, outcome, milliseconds: 1, answer: { kind: 'change' } },
})

it('a request is paired with what came of it, across pages; one without an answer stands alone', () => {
  const lines = [came(6, 3, 'failed'), asked(5), came(4, 2), asked(3), asked(2), came(1, 0)]
  const pairs = requestsOf([
    ...lines.map((entry) => ({ seq: entry.seq, hash: '', entry })),
    { seq: 0, hash: '', entry: undefined },
  ])
  expect(pairs.map(({ asked, wanted, came }) => [asked.seq, wanted?.id, came?.outcome])).toEqual([
    [5, '5', undefined],
    [3, '3', 'failed'],
    [2, '2', 'done'],
  ])
})

it('the arguments of a command are told one by one', () => {
  const command = { do: 'veth.create', name: 'a', peer: { netns: 'web', name: 'b' }, publish: ['80', '81'], on: true }
  expect(argumentsOf(command)).toEqual([
    ['name', 'a'],
    ['peer.netns', 'web'],
    ['peer.name', 'b'],
    ['publish', '["80","81"]'],
    ['on', 'true'],
  ])
})
