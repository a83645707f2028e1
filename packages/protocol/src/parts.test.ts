import { emptySnapshot, type HostSnapshot, stateHash } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import type { SnapshotMessage } from './events.ts'
import { createJoiner, partOf, planParts } from './parts.ts'

const host = {
  id: 'h',
  name: 'h',
  vantage: { kind: 'host' as const },
  kernel: '6',
  bootId: 'b',
  rootNetns: 'ns:1',
  agentVersion: '0',
  privileged: true,
}

/** A host with so many neighbours, and half as many switches. */
function message(neighbours: number): SnapshotMessage {
  const table = <T extends { id: string }>(n: number, make: (i: number) => T) =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [make(i).id, make(i)]))
  const at = { netns: 'ns:1', index: 1, family: 'inet' as const, state: 'STALE' as const }
  const flags = { proxy: false, router: false, externLearn: false }
  const records = {
    ...emptySnapshot(host).records,
    neighbour: table(neighbours, (i) => ({ id: `neigh:${i}`, ...at, address: `10.0.${i >> 8}.${i & 255}`, ...flags })),
    policyRule: table(neighbours / 2, (i) => ({
      id: `rule:${i}`,
      netns: 'ns:1',
      family: 'inet' as const,
      priority: i,
    })),
  }
  // Only that they are divided and joined matters here, not that they are complete.
  const snapshot = { host, records } as unknown as HostSnapshot
  return { hostId: 'h', version: { epoch: 'e', revision: 3 }, hash: stateHash(snapshot.records), snapshot }
}

function partsOf(whole: SnapshotMessage) {
  const plan = planParts(whole)
  if (!plan) throw new Error('it was not divided')
  return plan.parts.map((_, at) => JSON.parse(JSON.stringify(partOf(plan, at))))
}

describe('parts of a snapshot', () => {
  it('come together to what they were made of, each of a bounded size', () => {
    const whole = message(1_000)
    const parts = partsOf(whole)
    const joiner = createJoiner()
    const results = parts.map((part) => joiner.take(part))
    expect(results.at(-1)).toEqual(whole)
    // Summed up part by part, and anew from a copy that nothing is known of.
    const records = results.at(-1)?.snapshot.records ?? whole.snapshot.records
    expect([stateHash(records), stateHash({ ...records })]).toEqual([whole.hash, whole.hash])
    expect(results.slice(0, -1)).toEqual(parts.slice(1).map(() => undefined))
    for (const part of parts) expect(JSON.stringify(part).length).toBeLessThan(100_000)
  })

  it('keep whatever id a record has', () => {
    const whole = message(1_000)
    const id = '__proto__'
    const [some] = Object.values(whole.snapshot.records.neighbour)
    Object.defineProperty(whole.snapshot.records.neighbour, id, { value: { ...some, id }, enumerable: true })
    const joiner = createJoiner()
    const joined = partsOf(whole).reduce<SnapshotMessage | undefined>((_, part) => joiner.take(part), undefined)
    expect(Object.keys(joined?.snapshot.records.neighbour ?? {})).toContain(id)
  })

  it('are not made of a small one', () => {
    expect(planParts(message(100))).toBeUndefined()
  })

  it('begin anew with the first one, and give nothing when one is missing', () => {
    const whole = message(1_000)
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
