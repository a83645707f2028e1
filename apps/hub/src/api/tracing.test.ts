import type { Stories, ToldStory, TraceEnd, TraceMessage } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { replayAgent } from '@hopscope/testkit/replayAgent'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openPage, type Page } from '../../test/page.ts'
import { reader } from '../../test/reader.ts'
import { account, NAME, setUp, withHub } from '../../test/withHub.ts'

const LIMIT = { packets: 10, rate: 10, seconds: 60 }
const summary: Extract<TraceEnd['end'], { summary: unknown }>['summary'] = {
  ...{ ended: 'stopped' as const, shown: 3, partial: 0, leftOut: 0, namespaces: 2 },
  ...{ meant: 3, traced: 3, starts: { shown: 3, leftOut: 0, unmeant: 0 }, lost: 0, overruns: 0 },
  ...{ unavailable: [], legacy: [] },
}
const way: ToldStory['way'] = { hops: [], outcome: { verdict: 'left' } }
const query = { from: { kind: 'netns', netns: 'ns:1' }, to: '10.0.0.1', protocol: 'icmp' } as const

/** A hub with an agent that traces on `hosts` hosts what it is asked for, and an admin's page. */
async function withAgent({ hosts = 1, answer }: { hosts?: number; answer?: (asked: TraceMessage) => unknown } = {}) {
  const t = await withHub()
  const admin = await setUp(t)
  const snapshots = Array.from({ length: hosts }, (_, i) => generateHost({ containers: 1, id: `h${i}`, name: `h${i}` }))
  const asked: TraceMessage['request'][] = []
  const agent = await replayAgent({ url: t.hub.url, key: t.key, snapshots })
  onTestFinished(() => agent.close())
  agent.socket.on('trace', (message, answered) => {
    const { request } = message
    asked.push(request)
    const own = answer?.(message)
    if (own !== undefined) answered(own)
    else if (request.kind === 'trace')
      answered({ kind: 'started', id: request.id, namespaces: 2, unavailable: [], legacy: [] })
    else if (request.kind === 'stop') answered({ kind: 'ended', id: request.id, summary })
    else answered({ kind: 'unprovable', because: 'NO_ADDRESS' })
  })
  const live = async () => (await t.call('hosts.list', undefined, admin)).data.length
  await expect.poll(live).toBe(hosts)
  const page = await openPage(t, admin)
  const start = (more: object = {}, cookie = admin, of: Page = page) =>
    t.call('tracing.start', { hostId: 'h0', page: of.socket.id, filter: 'icmp', limit: LIMIT, ...more }, cookie)
  const told = (id: string, more: Partial<Stories> = {}): Stories => ({
    ...{ hostId: 'h0', id, stories: [{ at: 1, way, partial: false }], shown: 1, partial: 0, overruns: 0 },
    ...more,
  })
  const lines = async () =>
    (await t.call('audit.list', {}, admin)).data.map(
      ({ entry }: { entry: { kind: string; outcome?: string } }) => entry,
    )
  const kinds = () => asked.map(({ kind }) => kind)
  return { t, admin, agent, asked, kinds, page, start, told, lines }
}

describe('a tracing', () => {
  it('sends its packets to the page that began it, and its end; both are in the audit', async () => {
    const { t, admin, agent, asked, page, start, told, lines } = await withAgent()
    const other = await openPage(t, admin)
    const { data } = await start()
    expect(data).toMatchObject({ kind: 'started', namespaces: 2 })
    expect(asked).toEqual([{ kind: 'trace', id: data.id, filter: 'icmp', limit: LIMIT }])
    agent.socket.emit('stories', told(data.id))
    await expect.poll(() => page.stories).toEqual([told(data.id)])
    const ended = await t.call('tracing.stop', { id: data.id }, admin)
    expect(ended.data).toEqual({ kind: 'ended', id: data.id, summary })
    await expect.poll(() => page.traced).toEqual([{ hostId: 'h0', id: data.id, end: { summary } }])
    expect([other.stories, other.traced]).toEqual([[], []])
    expect(await lines()).toMatchObject([
      { kind: 'came', outcome: 'ended', answer: { summary } },
      { kind: 'asked', user: { name: NAME }, request: { kind: 'trace', filter: 'icmp', limit: LIMIT } },
    ])
  })

  it('ends as its agent says, and the next one may begin', async () => {
    const { agent, page, start } = await withAgent()
    const { id } = (await start()).data
    agent.socket.emit('traced', { hostId: 'h0', id, end: { summary } })
    await expect.poll(() => page.traced.length).toBe(1)
    expect((await start()).data.kind).toBe('started')
  })

  it('ends with its page, with the login, and with the right to it', async () => {
    const { t, admin, asked, kinds, start } = await withAgent()
    const operator = await account(t, admin, 'operator')
    const first = await openPage(t, operator)
    await start({}, operator, first)
    first.socket.disconnect()
    await expect.poll(kinds).toEqual(['trace', 'stop'])
    expect(asked[1]).toMatchObject({ id: asked[0]?.kind === 'trace' ? asked[0].id : '' })

    const users = (await t.call('users.list', undefined, admin)).data
    const { id } = users.find(({ name }: { name: string }) => name === 'operator')
    const second = await openPage(t, operator)
    await expect.poll(async () => (await start({}, operator, second)).data.kind).toBe('started')
    await t.call('users.setRole', { id, role: 'viewer' }, admin)
    await expect.poll(() => second.traced).toHaveLength(1)
    expect((await start({}, operator, second)).code).toBe('FORBIDDEN')

    await t.call('users.setRole', { id, role: 'operator' }, admin)
    await expect.poll(async () => (await start({}, operator, second)).data.kind).toBe('started')
    await t.call('auth.logout', undefined, operator)
    await expect.poll(() => kinds().filter((kind) => kind === 'stop').length).toBe(3)
  })

  it('ends when its agent goes, and one that nobody knows of is ended', async () => {
    const { agent, page, kinds, start, told, lines } = await withAgent()
    const { id } = (await start()).data
    agent.socket.disconnect()
    await expect.poll(() => page.traced).toMatchObject([{ id, end: { reason: { code: 'TRACING_LOST' } } }])
    await expect.poll(async () => (await lines())[0]).toMatchObject({ kind: 'came', outcome: 'lost' })
    agent.socket.connect()
    await expect.poll(() => page.hosts[0]?.status).toBe('live')
    agent.socket.emit('stories', told(id))
    await expect.poll(kinds).toEqual(['trace', 'stop'])
    expect(page.stories).toEqual([])
  })

  it('is refused where one runs already, by the name of whose it is; on too many hosts; from a connection of another session', async () => {
    const { t, admin, start, kinds } = await withAgent({ hosts: 4 })
    const operator = await account(t, admin, 'operator')
    const page = await openPage(t, operator)
    expect((await start()).data.kind).toBe('started')
    const second = (await start({ filter: '' }, operator, page)).data
    expect(second).toMatchObject({
      kind: 'denied',
      reason: { code: 'TRACED_BY', params: { by: NAME, filter: 'icmp' } },
    })
    const proof = await t.call('tracing.prove', { hostId: 'h0', query }, operator)
    expect(proof.data.reason.code).toBe('TRACED_BY')
    expect((await start({ hostId: 'h1' }, operator)).data.reason.code).toBe('TRACING_PAGE_GONE')
    await start({ hostId: 'h1' })
    await start({ hostId: 'h2' })
    expect((await start({ hostId: 'h3' })).data.reason).toEqual({ code: 'TRACINGS_TOO_MANY', params: { most: 3 } })
    expect((await start({ hostId: 'nowhere' })).code).toBe('NOT_FOUND')
    expect(kinds()).toEqual(['trace', 'trace', 'trace'])
    const metrics = await t.call('tracing.stop', { id: 'nothing' }, admin)
    expect(metrics.data.reason.code).toBe('TRACING_MISSING')
  })

  it('is never asked of an agent with a filter that is none, nor without a bound', async () => {
    const { start, kinds } = await withAgent()
    expect((await start({ filter: 'tpc' })).data).toMatchObject({
      kind: 'filter',
      fault: { code: 'UNKNOWN_WORD', column: 1, word: 'tpc' },
    })
    expect((await start({ limit: { packets: 1e6 } })).code).toBe('BAD_INPUT')
    expect((await start({ limit: { seconds: 301 } })).code).toBe('BAD_INPUT')
    expect(kinds()).toEqual([])
  })

  it('that the agent refuses, or answers in no way that is understood, is over', async () => {
    let came: unknown = { kind: 'denied', reason: { code: 'TRACING_FAILED', params: {}, detail: 'EPERM' } }
    const { start, lines } = await withAgent({ answer: () => came })
    expect((await start()).data).toEqual(came)
    expect((await lines())[0]).toMatchObject({ kind: 'came', outcome: 'denied' })
    came = { kind: 'started' }
    expect((await start()).data.reason.code).toBe('AGENT_UNREADABLE')
    expect((await start()).data.reason.code).toBe('AGENT_UNREADABLE')
  })

  it('costs a page that does not read packets, never the hub: the page knows how many there were', async () => {
    const { t, agent, page, start, told } = await withAgent()
    const { id } = (await start()).data
    reader(page).pause()
    const stories = Array.from({ length: 60 }, () => ({ at: 1, way, partial: false, head: { l3: '00'.repeat(120) } }))
    let shown = 0
    for (let i = 0; i < 1_000; i++) {
      shown += stories.length
      agent.socket.emit('stories', told(id, { stories, shown }))
    }
    agent.socket.emit('traced', { hostId: 'h0', id, end: { summary: { ...summary, shown } } })
    await expect.poll(() => t.hub.pages().waiting, { timeout: 20_000 }).toBeGreaterThan(100_000)
    expect(t.hub.pages()).toMatchObject({ cutFull: 0, open: 1 })
    expect(t.hub.pages().mostWaiting).toBeLessThan(1_000_000)
    reader(page).resume()
    await expect.poll(() => page.traced.length, { timeout: 20_000 }).toBe(1)
    const got = page.stories.reduce((sum, one) => sum + one.stories.length, 0)
    expect(got).toBeGreaterThan(0)
    expect(got).toBeLessThan(shown)
  })
})

describe('a proof', () => {
  it('is asked of the agent, and in the audit', async () => {
    const { t, admin, asked, lines } = await withAgent()
    const { data } = await t.call('tracing.prove', { hostId: 'h0', query }, admin)
    expect(data).toEqual({ kind: 'unprovable', because: 'NO_ADDRESS' })
    expect(asked).toEqual([{ kind: 'prove', query }])
    expect(await lines()).toMatchObject([{ outcome: 'unprovable' }, { request: { kind: 'prove', query } }])
    const wrong = async (more: object) =>
      (await t.call('tracing.prove', { hostId: 'h0', query: { ...query, ...more } }, admin)).code
    expect(await wrong({ port: 0 })).toBe('BAD_INPUT')
    expect(await wrong({ protocol: 'arp', port: 80 })).toBe('BAD_INPUT')
    const who = await t.call('tracing.prove', { hostId: 'h0', query: { ...query, protocol: 'arp' } }, admin)
    expect(who.data).toMatchObject({ kind: 'unprovable' })
  })
})
