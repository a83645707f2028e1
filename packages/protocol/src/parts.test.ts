import { stateHash } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import type { SnapshotMessage } from './events.ts'
import { createJoiner, partOf, planParts } from './parts.ts'

const message = (containers: number): SnapshotMessage => {
  const snapshot = generateHost({ containers })
  const hash = stateHash(snapshot.records)
  return { hostId: snapshot.host.id, version: { epoch: 'e', revision: 3 }, hash, snapshot }
}

function partsOf(whole: SnapshotMessage) {
  const plan = planParts(whole)
  if (!plan) throw new Error('it was not divided')
  return plan.parts.map((_, at) => JSON.parse(JSON.stringify(partOf(plan, at))))
}

describe('parts of a snapshot', () => {
  it('come together to what they were made of, each of a bounded size', () => {
    const whole = message(60)
    const parts = partsOf(whole)
    const joiner = createJoiner()
    const results = parts.map((part) => joiner.take(part))
    expect(results.at(-1)).toEqual(whole)
    expect(results.slice(0, -1)).toEqual(parts.slice(1).map(() => undefined))
    for (const part of parts) expect(JSON.stringify(part).length).toBeLessThan(200_000)
  })

  it('are not made of a small one', () => {
    expect(planParts(message(5))).toBeUndefined()
  })

  it('begin anew with the first one, and give nothing when one is missing', () => {
    const whole = message(60)
    const parts = partsOf(whole)
    const joiner = createJoiner()
    for (const part of parts.filter((_, i) => i !== 1)) expect(joiner.take(part)).toBeUndefined()
    for (const part of parts.slice(0, 2)) joiner.take(part)
    expect(parts.map((part) => joiner.take(part)).at(-1)).toEqual(whole)
    joiner.take(parts[0])
    joiner.clear()
    for (const part of parts.slice(1)) expect(joiner.take(part)).toBeUndefined()
  })
})
