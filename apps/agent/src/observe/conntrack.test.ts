import type { ConntrackEntry } from '@hopscope/netlink'
import { describe, expect, it } from 'vitest'
import { createStore } from '../store.ts'
import { createConntrack } from './conntrack.ts'
import type { ObserverContext, SourceState } from './contract.ts'
import { readHostInfo } from './hostInfo.ts'
import type { Namespaces } from './namespaces.ts'

const entry = (id: number, tcpState = 'ESTABLISHED'): ConntrackEntry => {
  const orig = { src: '10.0.0.1', dst: '10.0.0.2', protocol: 6, sport: id, dport: 80 }
  const reply = { src: '10.0.0.2', dst: '10.0.0.1', protocol: 6, sport: 80, dport: id }
  return { family: 'inet', id, orig, reply, statusBits: 8, status: ['CONFIRMED'], tcpState }
}

function setUp(most: number) {
  const host = readHostInfo({ kind: 'host' })
  const scheduler = { after: () => () => undefined, every: () => () => undefined }
  const { sink } = createStore(host, scheduler)
  const states: SourceState[] = []
  // Events need no namespace to look into; everything that does is for tests with a kernel.
  const namespaces = { all: () => [], get: () => undefined } as unknown as Namespaces
  const context: ObserverContext = {
    vantage: { host, rootNetns: host.rootNetns, dockerSocket: '' },
    namespaces,
    sink,
    clock: { now: () => 0, steady: () => 0 },
    scheduler,
    setSource: (_name, state) => states.push(state),
    busy: (work) => work(),
  }
  const visits = { add: () => () => undefined, start: () => () => undefined }
  const conntrack = createConntrack({ context, namespaces, visits, most })
  const on = (action: 'new' | 'update' | 'destroy', one: ConntrackEntry) =>
    conntrack.onEvent('ns:1', { kind: 'conntrack', action, entry: one })
  const ids = () => sink.list('conntrack').map((record) => record.ctId)
  return { conntrack, on, ids, states, sink }
}

describe('conntrack', () => {
  it('keeps the newest, and counts what the bound leaves out', () => {
    const { on, ids, states } = setUp(3)
    for (const id of [1, 2, 3, 4, 5]) on('new', entry(id))
    expect(ids()).toEqual([3, 4, 5])
    expect(states.at(-1)).toEqual({ state: 'ok', omitted: 2 })
    on('destroy', entry(1))
    on('destroy', entry(4))
    expect(ids()).toEqual([3, 5])
    expect(states.at(-1)).toEqual({ state: 'ok', omitted: 1 })
    on('destroy', entry(2))
    expect(states.at(-1)).toEqual({ state: 'ok' })
  })

  it('takes from an event what it names and keeps the rest', () => {
    const { on, sink } = setUp(3)
    on('new', { ...entry(7, 'SYN_SENT'), mark: 5 })
    on('update', entry(7))
    expect(sink.list('conntrack')).toMatchObject([{ ctId: 7, state: 'ESTABLISHED', mark: 5, protocol: 'tcp' }])
  })

  it('forgets the connections of a namespace that ended', () => {
    const { conntrack, on, ids } = setUp(2)
    for (const id of [1, 2, 3]) on('new', entry(id))
    conntrack.onNamespaces({ added: [], removed: ['ns:1'] })
    expect(ids()).toEqual([])
  })
})
