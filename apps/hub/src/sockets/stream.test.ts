import type { HostSnapshot, Samples } from '@hopscope/model'
import { stateHash } from '@hopscope/model'
import type { Progress } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { type ReplayAgent, type ReplayOptions, replayAgent } from '@hopscope/testkit/replayAgent'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openPage } from '../../test/page.ts'
import { setUp, type TestHub, withHub } from '../../test/withHub.ts'

const first = generateHost({ containers: 3, id: 'a', name: 'a' })
const second = generateHost({ containers: 2, id: 'b', name: 'b', seed: 2 })

/** The host with all its links named anew: as many changed records as there are links. */
function renamed(host: HostSnapshot, to: string): HostSnapshot {
  const links = Object.fromEntries(Object.entries(host.records.link).map(([id, link]) => [id, { ...link, name: to }]))
  return { host: host.host, records: { ...host.records, link: links } }
}

async function agent(t: TestHub, o: Partial<ReplayOptions> = {}): Promise<ReplayAgent> {
  const replayed = await replayAgent({ url: t.hub.url, key: t.key, snapshots: [first], ...o })
  onTestFinished(() => replayed.close())
  return replayed
}

describe('the stream', () => {
  it('brings a page every host, then what changes, and keeps it equal', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const early = await openPage(t, cookie)
    const a = await agent(t, { snapshots: [first, second] })
    const late = await openPage(t, cookie)
    for (const page of [early, late])
      for (const host of [first, second]) await expect.poll(() => page.states.get(host.host.id)?.snapshot).toEqual(host)
    const next = renamed(first, 'x0')
    const patch = a.patch('a', next)
    for (const page of [early, late]) {
      await expect.poll(() => page.states.get('a')?.hash).toBe(patch.hash)
      expect(page.states.get('a')?.snapshot).toEqual(next)
      expect(page.states.get('b')?.snapshot).toEqual(second)
      expect(page.received.filter((m) => m === 'snapshot')).toHaveLength(2)
    }
    a.gone('a')
    await expect.poll(() => early.hosts.map((h) => h.host.id)).toEqual(['b'])
  })

  it('tells stale from live', async () => {
    const t = await withHub()
    const page = await openPage(t, await setUp(t))
    const statuses = () => page.hosts.map((h) => h.status)
    const a = await agent(t)
    await expect.poll(statuses).toEqual(['live'])
    const before = Date.now()
    a.socket.disconnect()
    await expect.poll(statuses).toEqual(['stale'])
    expect(page.hosts[0]?.since).toBeGreaterThanOrEqual(before - 1)
    a.socket.connect()
    await expect.poll(statuses).toEqual(['live'])
    // The same state again: the page needs nothing.
    expect(page.received.filter((m) => m !== 'hosts')).toEqual(['snapshot'])
  })

  it('brings a page that was away the patches it missed, not a snapshot', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const a = await agent(t)
    const page = await openPage(t, cookie)
    await expect.poll(() => page.states.has('a')).toBe(true)
    page.socket.disconnect()
    const watcher = await openPage(t, cookie)
    let last = a.patch('a', renamed(first, 'x1'))
    last = a.patch('a', renamed(first, 'x2'))
    await expect.poll(() => watcher.states.get('a')?.hash).toBe(last.hash)
    const back = await openPage(t, cookie, page)
    await expect.poll(() => back.states.get('a')?.hash).toBe(last.hash)
    expect(back.received.filter((m) => m !== 'hosts')).toEqual(['patch', 'patch'])
    // One that is up to date gets nothing; one of another epoch a snapshot.
    const same = await openPage(t, cookie, back)
    const stranger = await openPage(t, cookie, {
      ...back,
      states: new Map([['a', { snapshot: first, version: { epoch: 'other', revision: 3 }, hash: '' }]]),
    })
    await expect.poll(() => stranger.states.get('a')?.hash).toBe(last.hash)
    expect(stranger.received).toContain('snapshot')
    a.patch('a', renamed(first, 'x3'))
    await expect.poll(() => same.received.filter((m) => m !== 'hosts')).toEqual(['patch'])
  })

  it('goes on after the hub was away', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const a = await agent(t)
    const before = await openPage(t, cookie)
    await expect.poll(() => before.states.has('a')).toBe(true)
    await t.restart()
    const page = await openPage(t, cookie, before)
    // The host is named before its agent is back; what the page holds of it stays true, and needs no snapshot.
    await expect.poll(() => page.hosts.map((h) => h.host.id)).toEqual(['a'])
    await expect.poll(() => page.hosts[0]?.status, { timeout: 10_000 }).toBe('live')
    const { hash } = a.patch('a', renamed(first, 'after'))
    await expect.poll(() => page.states.get('a')?.hash).toBe(hash)
  })

  it('sends a page a snapshot when it asks for one', async () => {
    const t = await withHub()
    await agent(t)
    const page = await openPage(t, await setUp(t))
    await expect.poll(() => page.received.filter((m) => m === 'snapshot').length).toBe(1)
    page.socket.emit('resync', { hostId: 'a' })
    await expect.poll(() => page.received.filter((m) => m === 'snapshot').length).toBe(2)
  })

  it('asks the agent for a snapshot after a gap, a wrong hash, a wrong epoch or a patch that does not fit', async () => {
    const t = await withHub()
    const page = await openPage(t, await setUp(t))
    const asked: string[] = []
    const a = await agent(t, { onResync: (hostId) => asked.push(hostId) })
    await expect.poll(() => page.states.has('a')).toBe(true)
    const { epoch } = a.snapshotMessage('a').version
    const hash = stateHash(first.records)
    const bad = [
      { hostId: 'a', epoch, from: 7, to: 8, hash, diff: {} },
      { hostId: 'a', epoch, from: 1, to: 2, hash: '0'.repeat(16), diff: {} },
      { hostId: 'a', epoch: 'other', from: 1, to: 2, hash, diff: {} },
      { hostId: 'a', epoch, from: 1, to: 2, hash, diff: { link: { del: ['link:none'] } } },
      { hostId: 'never-seen', epoch, from: 1, to: 2, hash, diff: {} },
    ]
    for (const [i, patch] of bad.entries()) {
      if (patch.hostId === 'never-seen') a.socket.off('resync').on('resync', ({ hostId }) => asked.push(hostId))
      a.socket.emit('patch', patch)
      await expect.poll(() => asked.length, { message: JSON.stringify(patch) }).toBe(i + 1)
    }
    expect(asked.at(-1)).toBe('never-seen')
    // Nothing of it reached the page.
    expect(page.states.get('a')?.snapshot).toEqual(first)
    expect(page.received.filter((m) => m !== 'hosts')).toEqual(['snapshot'])
    const good = a.patch('a', renamed(first, 'fine'))
    await expect.poll(() => page.states.get('a')?.hash).toBe(good.hash)
  })

  it('passes a newer snapshot of a known epoch on as a patch', async () => {
    const t = await withHub()
    const page = await openPage(t, await setUp(t))
    const a = await agent(t)
    await expect.poll(() => page.states.has('a')).toBe(true)
    a.socket.disconnect()
    await expect.poll(() => page.hosts[0]?.status).toBe('stale')
    // Sent to nobody: while the agent is away, its host changes.
    const next = renamed(first, 'while-away')
    a.patch('a', next)
    a.socket.sendBuffer = []
    a.socket.connect()
    await expect.poll(() => page.states.get('a')?.snapshot).toEqual(next)
    expect(page.received.filter((m) => m !== 'hosts')).toEqual(['snapshot', 'patch'])
  })

  it('refuses and counts what does not follow the protocol, and goes on', async () => {
    const t = await withHub()
    const page = await openPage(t, await setUp(t))
    const a = await agent(t)
    await expect.poll(() => page.states.has('a')).toBe(true)
    const good = a.snapshotMessage('a')
    const bad: [string, unknown][] = [
      ['snapshot', undefined],
      ['snapshot', 'x'],
      ['snapshot', { ...good, extra: 1 }],
      ['snapshot', { ...good, snapshot: { ...good.snapshot, records: {} } }],
      ['snapshot', { ...good, hostId: '' }],
      ['patch', null],
      ['patch', []],
      ['patch', { hostId: 'a', epoch: 'e', from: 1.5, to: 2, hash: '', diff: {} }],
      ['patch', { hostId: 'a', epoch: 'e', from: 1, to: 2, hash: '', diff: { link: { put: [{ id: 'x' }] } } }],
      ['samples', { hostId: 'a', at: 'now' }],
      ['gone', { hostId: 7 }],
    ]
    // The types forbid these, which is the point.
    const emit = a.socket.emit.bind(a.socket) as unknown as (event: string, message: unknown) => void
    for (const [event, message] of bad) emit(event, message)
    await expect.poll(() => t.hub.refusedMessages()).toBe(bad.length)
    const patch = a.patch('a', renamed(first, 'still-here'))
    await expect.poll(() => page.states.get('a')?.hash).toBe(patch.hash)
  })

  it('lets no other agent speak for a host', async () => {
    const t = await withHub()
    const page = await openPage(t, await setUp(t))
    const a = await agent(t)
    await expect.poll(() => page.states.has('a')).toBe(true)
    let watched = 0
    const b = await agent(t, { snapshots: [second], onWatch: () => watched++ })
    for (const hostId of ['a', 'b']) page.socket.emit('watch', { hostId, topics: ['links'] })
    await expect.poll(() => watched).toBe(1)
    b.socket.emit('gone', { hostId: 'a' })
    b.samples({ hostId: 'a', at: 1, links: {} })
    b.samples({ hostId: 'b', at: 2, links: {} })
    await expect.poll(() => page.samples).toEqual([{ hostId: 'b', at: 2, links: {} }])
    const patch = a.patch('a', renamed(first, 'mine'))
    await expect.poll(() => page.states.get('a')?.hash).toBe(patch.hash)
    expect(page.hosts.map((h) => h.host.id).sort()).toEqual(['a', 'b'])
  })
})

describe('the progress of a change', () => {
  const progress = (state: 'doing' | 'done', shell = 'ip link set dev eth0 up'): Progress => ({
    hostId: 'a',
    change: {
      ...{ id: 'c1', at: 1, by: 'ada', command: { do: 'link.up', netns: 'root', link: 'eth0' }, lost: [] },
      title: { code: 'link.up', params: {} },
      steps: [{ title: { code: 'link.up', params: {} }, shell, state }],
      state: state === 'done' ? 'done' : 'running',
    },
  })

  it('reaches the pages that want to hear of changes, from the agent of the host', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const a = await agent(t)
    const stranger = await agent(t, { snapshots: [second] })
    const [watching, other] = [await openPage(t, cookie), await openPage(t, cookie)]
    watching.socket.emit('watchChanges', { on: true })
    await expect.poll(() => watching.states.has('a') && watching.states.has('b')).toBe(true)
    stranger.socket.emit('progress', progress('doing'))
    a.socket.emit('progress', progress('doing', 'x'.repeat(200_000)))
    a.socket.emit('progress', progress('doing'))
    a.socket.emit('progress', progress('done'))
    await expect.poll(() => watching.progress).toEqual([progress('doing'), progress('done')])
    watching.socket.emit('watchChanges', { on: false })
    const patch = a.patch('a', renamed(first, 'x1'))
    await expect.poll(() => watching.states.get('a')?.hash).toBe(patch.hash)
    a.socket.emit('progress', progress('done'))
    const last = a.patch('a', renamed(first, 'x2'))
    for (const page of [watching, other]) await expect.poll(() => page.states.get('a')?.hash).toBe(last.hash)
    expect(watching.progress).toHaveLength(2)
    expect(other.progress).toEqual([])
  })
})

describe('samples', () => {
  it('go to the pages that want their topic, and the agent knows the union', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const watched: string[] = []
    const a = await agent(t, { onWatch: ({ hostId, topics }) => watched.push(`${hostId}:${topics}`) })
    const pages = await Promise.all([openPage(t, cookie), openPage(t, cookie), openPage(t, cookie)])
    const [links, both, none] = pages
    if (!links || !both || !none) throw new Error('three pages were opened')
    for (const page of pages) await expect.poll(() => page.states.has('a')).toBe(true)
    links.socket.emit('watch', { hostId: 'a', topics: ['links'] })
    await expect.poll(() => watched).toEqual(['a:links'])
    both.socket.emit('watch', { hostId: 'a', topics: ['links', 'fdb'] })
    await expect.poll(() => watched.at(-1)).toBe('a:fdb,links')
    none.socket.emit('watch', { hostId: 'no-such-host', topics: ['links'] })
    const sample: Samples = { hostId: 'a', at: 5, fdb: { f: { used: 1, updated: 2 } }, links: {}, neighbours: {} }
    a.samples(sample)
    a.samples({ hostId: 'a', at: 6, neighbours: {} })
    const last = a.patch('a', renamed(first, 'after-the-samples'))
    for (const page of pages) await expect.poll(() => page.states.get('a')?.hash).toBe(last.hash)
    expect(links.samples).toEqual([{ hostId: 'a', at: 5, links: {} }])
    expect(both.samples).toEqual([{ hostId: 'a', at: 5, links: {}, fdb: sample.fdb }])
    expect(none.samples).toEqual([])
    both.socket.disconnect()
    await expect.poll(() => watched.at(-1)).toBe('a:links')
    // An agent that comes back is told at once.
    a.socket.disconnect()
    await expect.poll(() => links.hosts[0]?.status).toBe('stale')
    a.socket.connect()
    await expect.poll(() => watched).toEqual(['a:links', 'a:fdb,links', 'a:links', 'a:links'])
    links.socket.emit('watch', { hostId: 'a', topics: [] })
    await expect.poll(() => watched.at(-1)).toBe('a:')
  })
})
