import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  apply,
  DiffMismatch,
  diff,
  diffSchema,
  emptySnapshot,
  invert,
  movedHash,
  type Records,
  same,
  stateHash,
} from './index.ts'

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
const empty = emptySnapshot(host).records

const address = fc.record(
  {
    index: fc.integer({ min: 1, max: 4 }),
    local: fc.constantFrom('10.0.0.1', '10.0.0.2', 'fe80::1'),
    prefixLength: fc.constantFrom(24, 64),
    scope: fc.constantFrom('global', 'link'),
    flags: fc.subarray(['secondary', 'tentative', 'permanent']),
    label: fc.constantFrom('eth0', undefined),
  },
  { requiredKeys: ['index', 'local', 'prefixLength', 'scope', 'flags'] },
)
const records = fc.array(address, { maxLength: 12 }).map((list): Records => {
  const table: Record<string, Records['address'][string]> = {}
  for (const a of list) {
    const id = `addr:1:${a.index}:${a.local}/${a.prefixLength}`
    const { label, ...rest } = a
    table[id] = { id, netns: 'ns:1', family: 'inet', ...rest, ...(label && { label }) }
  }
  return { ...empty, address: table }
})

describe('diff', () => {
  it('[D1] apply(a, diff(a, b)) equals b', () => {
    fc.assert(
      fc.property(records, records, (a, b) => {
        expect(apply(a, diff(a, b))).toEqual(b)
      }),
    )
  })
  it('[D2] invert undoes', () => {
    fc.assert(
      fc.property(records, records, (a, b) => {
        const d = diff(a, b)
        expect(apply(apply(a, d), invert(a, d))).toEqual(a)
      }),
    )
  })
  it('[D7] a hash that is moved by a diff is the hash of the whole', () => {
    fc.assert(
      fc.property(records, records, (a, b) => {
        const d = diff(a, b)
        expect(movedHash(stateHash(a), a, apply(a, d), d)).toBe(stateHash(b))
      }),
    )
  })
  it('[D3] equal states have an empty diff and one hash; different ones differ', () => {
    fc.assert(
      fc.property(records, records, (a, b) => {
        const copy = JSON.parse(JSON.stringify(a))
        expect(diff(a, copy)).toEqual({})
        expect(stateHash(copy)).toBe(stateHash(a))
        expect(stateHash(a) === stateHash(b)).toBe(same(a, b))
      }),
    )
  })
  it('[D4] what it makes passes its own schema, also after JSON', () => {
    fc.assert(
      fc.property(records, records, (a, b) => {
        const wire = JSON.parse(JSON.stringify(diff(a, b)))
        expect(apply(a, diffSchema.parse(wire))).toEqual(b)
      }),
    )
  })
  it('[D5] a diff for another state is refused', () => {
    expect(() => apply(empty, { address: { del: ['addr:1'] } })).toThrow(DiffMismatch)
    expect(() => apply(empty, { address: { set: [{ id: 'addr:1', fields: {} }] } })).toThrow(DiffMismatch)
  })
  it('[D8] an entry that changed in an object travels without the others', () => {
    const entry = fc.record({ forwarding4: fc.boolean(), rpFilter: fc.nat(2) }, { requiredKeys: ['rpFilter'] })
    const switches = fc.dictionary(fc.constantFrom('1', '2', '3', '4', '18', 'constructor'), entry, { maxKeys: 6 })
    const state = (links: Records['sysctl'][string]['links']): Records => ({
      ...empty,
      sysctl: { 'sysctl:1': { id: 'sysctl:1', netns: 'ns:1', ipForward: true, links } },
    })
    fc.assert(
      fc.property(switches, switches, (was, now) => {
        const [a, b] = [state({ ...was }), state({ ...now })]
        const wire = diffSchema.parse(JSON.parse(JSON.stringify(diff(a, b))))
        expect(apply(a, wire)).toEqual(b)
        expect(movedHash(stateHash(a), a, apply(a, wire), wire)).toBe(stateHash(b))
      }),
    )
    const few = { '1': { rpFilter: 0 }, '2': { rpFilter: 0 }, '3': { rpFilter: 1 } }
    const { '1': _gone, ...rest } = few
    expect(diff(state(few), state({ ...rest, '18': { rpFilter: 2 } })).sysctl?.set).toEqual([
      { id: 'sysctl:1', fields: {}, within: { links: { fields: { '18': { rpFilter: 2 } }, unset: ['1'] } } },
    ])
  })
  it('[D9] a change within what is no object, or that breaks it, is refused', () => {
    const state = apply(empty, { sysctl: { put: [{ id: 'sysctl:1', netns: 'ns:1', ipForward: true, links: {} }] } })
    const change = (within: Record<string, { fields: Record<string, unknown> }>) => () =>
      apply(state, { sysctl: { set: [{ id: 'sysctl:1', fields: {}, within }] } })
    for (const name of ['ipForward', 'none', 'netns', 'toString', '__proto__'])
      expect(change(Object.fromEntries([[name, { fields: {} }]]))).toThrow(DiffMismatch)
    expect(change({ links: { fields: { '1': { rpFilter: 'x' } } } })).toThrow(DiffMismatch)
    expect(change({ links: { fields: { '1': { rpFilter: 1 } } } })()).toBeTruthy()
  })
  it('[D6] a change that breaks the record is refused', () => {
    const a = {
      id: 'addr:1:1:::1/64',
      netns: 'ns:1',
      index: 1,
      family: 'inet6',
      local: '::1',
      prefixLength: 64,
      scope: 'host',
      flags: [],
    } as const
    const state = apply(empty, { address: { put: [{ ...a, flags: [] }] } })
    expect(() => apply(state, { address: { set: [{ id: a.id, fields: { prefixLength: 'x' } }] } })).toThrow(
      DiffMismatch,
    )
    expect(() => apply(state, { address: { set: [{ id: a.id, fields: { id: 'other' } }] } })).toThrow(DiffMismatch)
  })
})
