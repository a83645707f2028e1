import { TRACE_TABLE } from '@hopscope/trace'
import { describe, expect, it } from 'vitest'
import type { NftEvent } from './kernelEvents.ts'
import { createOwnTracing } from './ownTracing.ts'

const table = (name: string, ...flags: string[]): NftEvent => ({
  kind: 'nftTable',
  action: 'new',
  table: { family: 'ip', name, flags },
})
const chain = (name: string): NftEvent => ({
  kind: 'nftChain',
  action: 'new',
  chain: { family: 'ip', table: name, name: 'c', flags: [] },
})
const end: NftEvent = { kind: 'nftGeneration', action: 'new', generation: { id: 7 } }

describe('what concerns others', () => {
  const heard = (...events: NftEvent[]) => {
    const own = createOwnTracing()
    return events.map((event) => own.concernsOthers('n', event))
  }

  it('is not a tracing', () => {
    expect(heard(table(TRACE_TABLE, 'owner'), chain(TRACE_TABLE), end)).toEqual([false, false, false])
  })
  it('is each transaction with something else, or with nothing that is told', () => {
    expect(heard(table(TRACE_TABLE, 'owner'), table('filter'), end)).toEqual([false, true, true])
    expect(heard(table(TRACE_TABLE, 'owner'), end, end)).toEqual([false, false, true])
  })
  it('is a table of the same name that belongs to no socket, and what is done to it later', () => {
    expect(heard(table(TRACE_TABLE), end)).toEqual([true, true])
    const own = createOwnTracing()
    own.found('n', [{ family: 'ip', name: TRACE_TABLE, flags: [] }])
    expect(own.concernsOthers('n', chain(TRACE_TABLE))).toBe(true)
    own.found('n', [])
    expect(own.concernsOthers('n', chain(TRACE_TABLE))).toBe(false)
  })
})
