import { applyToSnapshot, diff, emptySnapshot, type HostSnapshot, stateHash } from '@hopscope/model'
import type { PatchMessage, SnapshotMessage } from '@hopscope/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHosts } from './hosts.ts'

const nobody = emptySnapshot({
  id: 'h',
  name: 'h',
  vantage: { kind: 'host' },
  kernel: '6',
  bootId: 'b',
  rootNetns: 'ns:1',
  agentVersion: '0',
  privileged: true,
})

/** The host's n-th state: two sysctls that differ from one state to the next. */
function state(n: number): HostSnapshot {
  const sysctl = Object.fromEntries(
    [n, n + 1].map((i) => [`s${i % 5}`, { id: `s${i % 5}`, netns: 'ns:1', rpFilterAll: i, links: {} }]),
  )
  return { host: nobody.host, records: { ...nobody.records, sysctl } }
}

const snapshotOf = (n: number, epoch = 'e'): SnapshotMessage => ({
  hostId: 'h',
  version: { epoch, revision: n },
  hash: stateHash(state(n).records),
  snapshot: state(n),
})
const patchTo = (n: number, epoch = 'e'): PatchMessage => ({
  hostId: 'h',
  epoch,
  from: n - 1,
  to: n,
  hash: stateHash(state(n).records),
  diff: diff(state(n - 1).records, state(n).records),
})

/** Hosts with a clock to turn, a page that applies what it is told, and a list of what was asked for. */
function setting() {
  let now = 0
  const asked: string[] = []
  const told: string[] = []
  let page: HostSnapshot | undefined
  const hosts = createHosts(() => now)
  hosts.events.on('changed', () => told.push('changed'))
  hosts.events.on('resync', (agent, hostId) => asked.push(`${agent}:${hostId}`))
  hosts.events.on('snapshot', (message) => {
    told.push('snapshot')
    page = message.snapshot
  })
  hosts.events.on('patch', (message) => {
    told.push('patch')
    if (!page) throw new Error('a patch came before any snapshot')
    page = applyToSnapshot(page, message.diff)
    if (stateHash(page.records) !== message.hash) throw new Error('the page has another state')
  })
  return { hosts, asked, told, page: () => page, pass: (ms: number) => (now += ms) }
}

describe('hosts', () => {
  it('equal the agent after any loss, duplication and reordering, and so does a page', () => {
    const delivery = fc.array(fc.integer({ min: 2, max: 12 }), { maxLength: 40 })
    fc.assert(
      fc.property(delivery, (order) => {
        const { hosts, asked, page, pass } = setting()
        hosts.snapshot('agent', snapshotOf(1))
        let newest = 1
        for (const n of order) {
          newest = Math.max(newest, n)
          hosts.patch('agent', patchTo(n))
          pass(5000)
          // The agent answers with its newest state, whatever was missed.
          if (asked.pop()) hosts.snapshot('agent', snapshotOf(newest))
          asked.length = 0
        }
        hosts.patch('agent', patchTo(newest + 1))
        expect(hosts.since('h')).toEqual({ snapshot: snapshotOf(newest + 1) })
        expect(page()).toEqual(state(newest + 1))
      }),
    )
  })

  it('ask for a snapshot once, and again after a while', () => {
    const { hosts, asked, pass } = setting()
    for (let i = 0; i < 10; i++) hosts.patch('agent', patchTo(5 + i))
    expect(asked).toEqual(['agent:h'])
    pass(4999)
    hosts.patch('agent', patchTo(20))
    expect(asked).toHaveLength(1)
    pass(1)
    hosts.patch('agent', patchTo(21))
    expect(asked).toHaveLength(2)
    hosts.snapshot('agent', snapshotOf(21))
    hosts.patch('agent', patchTo(30))
    expect(asked).toHaveLength(3)
  })

  it('refuse a snapshot whose hash is wrong, or which is of another host', () => {
    const { hosts, asked, told } = setting()
    hosts.snapshot('agent', { ...snapshotOf(1), hash: '0' })
    hosts.snapshot('agent', { ...snapshotOf(1), hostId: 'other' })
    expect(asked).toEqual(['agent:h', 'agent:other'])
    expect(told).toEqual([])
    expect(hosts.list()).toEqual([])
  })

  it('start over with a new epoch', () => {
    const { hosts, told } = setting()
    hosts.snapshot('agent', snapshotOf(1))
    hosts.patch('agent', patchTo(2))
    hosts.snapshot('agent', snapshotOf(1, 'later'))
    expect(told).toEqual(['changed', 'snapshot', 'patch', 'snapshot'])
    expect(hosts.since('h', { epoch: 'e', revision: 1 })).toEqual({ snapshot: snapshotOf(1, 'later') })
  })

  it('pass to an agent that took over, and are not lost with the one before', () => {
    const { hosts } = setting()
    hosts.snapshot('old', snapshotOf(1))
    hosts.snapshot('new', snapshotOf(1))
    hosts.left('old')
    expect(hosts.list()).toMatchObject([{ status: 'live' }])
    hosts.gone('old', 'h')
    expect(hosts.forget('h')).toBe('LIVE')
    hosts.left('new')
    expect(hosts.list()).toMatchObject([{ status: 'stale' }])
    expect(hosts.forget('h')).toBe('OK')
  })

  it('ask an agent whose marks are elsewhere, and hold what it does not name as stale', () => {
    const { hosts, asked, told, pass } = setting()
    const mark = (n: number) => ({ hostId: 'h', version: snapshotOf(n).version, hash: snapshotOf(n).hash })
    hosts.marks('agent', [mark(1)])
    expect(asked).toEqual(['agent:h']) // its only snapshot was lost
    hosts.snapshot('agent', snapshotOf(1))
    expect(hosts.held()).toEqual([mark(1)])
    hosts.marks('agent', [mark(1)])
    expect(asked).toHaveLength(1)
    hosts.marks('agent', [mark(2)])
    expect(asked).toHaveLength(2)
    pass(5000)
    hosts.marks('agent', [{ ...mark(1), hash: '0' }])
    expect(asked).toHaveLength(3)
    told.length = 0
    hosts.marks('agent', [])
    expect(hosts.list()).toMatchObject([{ status: 'stale' }])
    hosts.marks('agent', [])
    expect(told).toEqual(['changed'])
    hosts.snapshot('agent', snapshotOf(2))
    expect(hosts.list()).toMatchObject([{ status: 'live' }])
  })

  it('are stale while their agent is silent or their observer away, and go when it says so', () => {
    const { hosts, told, pass } = setting()
    hosts.snapshot('agent', snapshotOf(1))
    told.length = 0
    pass(1000)
    hosts.silent('agent')
    expect(hosts.list()).toMatchObject([{ status: 'stale', since: 1000 }])
    hosts.silent('agent')
    pass(1000)
    hosts.heard('agent')
    expect(hosts.list()).toMatchObject([{ status: 'live', since: 2000 }])
    hosts.away('agent', 'h')
    hosts.away('other', 'h')
    expect(hosts.list()).toMatchObject([{ status: 'stale' }])
    expect(told).toEqual(['changed', 'changed', 'changed'])
    hosts.snapshot('agent', snapshotOf(1, 'later'))
    expect(hosts.list()).toMatchObject([{ status: 'live' }])
    hosts.away('agent', 'h')
    hosts.gone('agent', 'h')
    expect(hosts.list()).toEqual([])
  })

  it('stay with the agent that came last, whatever an earlier connection still says', () => {
    const { hosts, asked } = setting()
    hosts.joined('early')
    hosts.joined('late')
    hosts.snapshot('late', snapshotOf(5, 'new'))
    hosts.snapshot('early', snapshotOf(1))
    hosts.patch('early', patchTo(2))
    hosts.marks('early', [{ hostId: 'h', version: snapshotOf(2).version, hash: snapshotOf(2).hash }])
    expect(hosts.held()).toMatchObject([{ version: { epoch: 'new', revision: 5 } }])
    hosts.left('early')
    expect(hosts.list()).toMatchObject([{ status: 'live' }])
    expect(asked).toEqual([])
    hosts.joined('second')
    hosts.snapshot('second', snapshotOf(1, 'second'))
    hosts.silent('second')
    hosts.patch('late', patchTo(6, 'new'))
    expect(asked).toEqual(['late:h'])
  })

  it('go also when their agent says so after it was gone itself', () => {
    const { hosts } = setting()
    hosts.snapshot('old', snapshotOf(1))
    hosts.left('old')
    hosts.gone('new', 'h')
    expect(hosts.list()).toEqual([])
  })

  it('keep the latest patches, so many and no more', () => {
    const { hosts } = setting()
    hosts.snapshot('agent', snapshotOf(1))
    for (let n = 2; n <= 400; n++) hosts.patch('agent', patchTo(n))
    const since = (revision: number) => hosts.since('h', { epoch: 'e', revision })
    expect(since(400)).toEqual({ patches: [] })
    expect(since(398)).toEqual({ patches: [patchTo(399), patchTo(400)] })
    expect(since(400 - 256)).toMatchObject({ patches: { length: 256 } })
    expect(since(400 - 257)).toHaveProperty('snapshot')
  })
})
