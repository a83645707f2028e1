import { type FwRule, fwRuleId, type HostSnapshot, recordsOf } from '@hopscope/model'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import type { TraceEvent } from '../events.ts'
import { factsOf } from '../facts.ts'
import { readHeaders } from '../headers.ts'
import { metBy } from './met.ts'

const host = recordedHost(46)
const netns = host.host.rootNetns
const PING = { l3: '4500005479ce40004001a8b7ac110003ac110002', l4: '080034120007000162d2' }
const NEW = { state: 8 }
const CONFIRMED = 8

const event = (more: Partial<TraceEvent>): TraceEvent => ({
  ...{ netns, at: 0, id: 7, family: 'ip', table: 'filter', chain: 'FORWARD', type: 'rule', handle: 3 },
  ...{ ...PING, ct: NEW, ...more },
})
const mangled = event({ table: 'mangle', chain: 'PREROUTING', type: 'policy', policy: 'accept' })

function metOf(last: TraceEvent, before: readonly TraceEvent[] = [], snapshot = host) {
  const met = metBy(last, {
    ...{ events: [...before, last], headers: readHeaders(last), hook: 'forward', mark: 0 },
    facts: factsOf(snapshot),
  })
  return { mark: met?.ct?.mark, isKnown: met?.unknown?.includes('ctMark') === false }
}

/** The same host with one more rule in a table. */
function withRule(more: Partial<FwRule>): HostSnapshot {
  const [any] = recordsOf(host, 'fwRule').filter((rule) => rule.netns === netns && rule.family === 'ip')
  if (!any) throw new Error('the host has no rules')
  const rule = { ...any, handle: 90_000, ...more }
  const id = fwRuleId(rule)
  return { ...host, records: { ...host.records, fwRule: { ...host.records.fwRule, [id]: { ...rule, id } } } }
}

describe('the mark of a connection, which the kernel does not tell', () => {
  it('is none while it begins, and of what is not tracked', () => {
    expect(metOf(event({}), [mangled])).toEqual({ mark: 0, isKnown: true })
    expect(metOf(event({ ct: { state: 64 } }))).toEqual({ mark: undefined, isKnown: true })
  })

  it('is not known of a connection that is there already, or where the kernel tells of none', () => {
    for (const ct of [{ state: 2 }, { state: 8, status: CONFIRMED }, { state: 4 }, undefined])
      expect(metOf(event({ ct })), JSON.stringify(ct)).toEqual({ mark: undefined, isKnown: false })
  })

  it.each([
    ['-A PREROUTING -j CONNMARK --save-mark', { table: 'mangle', chain: 'PREROUTING' }],
    ['ct mark set 0x1 tcp dport 22 accept', { table: 'mangle', chain: 'extra' }],
    ['ct mark set 0x1', { engine: 'legacy', table: 'filter' } as const],
    ['ct mark set 0x1', { family: 'bridge', table: 'own' }],
  ])('is not known behind a rule that may have made it: %s %o', (text, where) => {
    expect(metOf(event({}), [mangled], withRule({ text, ...where }))).toEqual({ mark: undefined, isKnown: false })
  })

  it('is not changed by rules of tables that the packet did not come to', () => {
    const elsewhere = withRule({ text: 'ct mark set 0x1', table: 'nat' })
    expect(metOf(event({}), [mangled], elsewhere)).toEqual({ mark: 0, isKnown: true })
  })
})
