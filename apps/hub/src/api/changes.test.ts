import { join } from 'node:path'
import type { ChangeMessage } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { replayAgent } from '@hopscope/testkit/replayAgent'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openPage } from '../../test/page.ts'
import { account, NAME, setUp, withHub } from '../../test/withHub.ts'

const command = { do: 'link.up', netns: 'root', link: 'eth0' } as const
const unconfirmed = {
  ...{ id: 'c1', at: 1, by: NAME, command, title: { code: 'link.up', params: {} }, lost: [], steps: [] },
  ...{ state: 'unconfirmed', revertIn: 60_000 },
} as const

/** A hub with an agent that answers requests for changes with `answer`, and callers of each role. */
async function withAgent(answer: (asked: ChangeMessage) => unknown) {
  const t = await withHub()
  const admin = await setUp(t)
  const snapshot = generateHost({ containers: 1 })
  const asked: ChangeMessage[] = []
  const agent = await replayAgent({ url: t.hub.url, key: t.key, snapshots: [snapshot] })
  onTestFinished(() => agent.close())
  agent.socket.on('change', (message, answered) => {
    asked.push(message)
    void Promise.resolve(answer(message)).then(answered)
  })
  agent.socket.on('history', (_, answered) => answered([]))
  const live = async () => (await t.call('hosts.list', undefined, admin)).data[0]?.status
  await expect.poll(live).toBe('live')
  const hostId = snapshot.host.id
  const run = (cookie: string, more = {}) => t.call('changes.run', { hostId, command, shown: ['x'], ...more }, cookie)
  return { t, admin, agent, asked, hostId, run }
}

/** Holds the database's lock for writing. */
async function lock(file: string): Promise<{ release(): Promise<void> }> {
  const connection = await new PrismaLibSql({ url: `file:${file}` }).connect()
  const transaction = await connection.startTransaction()
  await transaction.executeRaw({ sql: 'PRAGMA user_version = 0', args: [], argTypes: [] })
  return {
    async release() {
      await transaction.rollback()
      await connection.dispose()
    },
  }
}

describe('changes', () => {
  it('are asked of the agent in the name of the one who is logged in', async () => {
    const { t, admin, run, asked, hostId } = await withAgent(() => ({ kind: 'moved', shell: ['y'] }))
    expect((await run(admin)).data).toEqual({ kind: 'moved', shell: ['y'] })
    expect(asked).toEqual([
      { hostId, request: { kind: 'run', command, by: NAME, role: 'admin', shown: ['x'], viewers: [] } },
    ])
    await t.call('changes.undo', { hostId, id: 'abc' }, admin)
    expect(asked[1]).toEqual({ hostId, request: { kind: 'undo', id: 'abc', by: NAME, role: 'admin' } })
    expect((await t.call('changes.history', { hostId }, admin)).data).toEqual([])
  })

  it('need an operator, and an admin for what is not ours', async () => {
    const { t, admin, run, asked } = await withAgent(() => ({ kind: 'moved', shell: [] }))
    const [viewer, operator] = [await account(t, admin, 'viewer'), await account(t, admin, 'operator')]
    expect((await run(viewer)).code).toBe('FORBIDDEN')
    expect((await run(operator, { confirm: 'eth0' })).code).toBe('FORBIDDEN')
    expect(asked).toEqual([])
    expect((await run(operator)).data.kind).toBe('moved')
    expect((await run(admin, { confirm: 'eth0' })).data.kind).toBe('moved')
    expect(asked.map(({ request }) => 'confirm' in request && request.confirm)).toEqual([false, 'eth0'])
    expect(asked.map(({ request }) => request.role)).toEqual(['operator', 'admin'])
  })

  it('that were undone while the agent was on its way back are told to pages by its history', async () => {
    const { t, admin, agent, run, hostId } = await withAgent(() => ({ kind: 'change', change: unconfirmed }))
    const page = await openPage(t, admin)
    page.socket.emit('watchChanges', { on: true })
    await expect.poll(() => page.states.has(hostId)).toBe(true)
    await run(admin)
    agent.socket.emit('progress', { hostId, change: { ...unconfirmed, state: 'undoing' } })
    await expect.poll(() => page.progress).toHaveLength(1)
    const { revertIn: _, ...undone } = { ...unconfirmed, state: 'undone' as const }
    agent.socket.off('history').on('history', (__, answered) => answered([undone]))
    agent.socket.disconnect().connect()
    await expect.poll(() => page.progress.at(-1)).toEqual({ hostId, change: undone })
    expect((await t.call('changes.unconfirmed', undefined, admin)).data).toEqual([])
  })

  it('that wait to be kept are kept from a page that has connected anew since, and not before', async () => {
    const { t, admin, run, asked, hostId } = await withAgent(({ request }) => ({
      kind: 'change',
      change: request.kind === 'run' ? unconfirmed : { ...unconfirmed, state: 'done' },
    }))
    const operator = await account(t, admin, 'operator')
    const before = await openPage(t, operator)
    const keep = async () => (await t.call('changes.confirm', { hostId, id: 'c1' }, operator)).data
    await run(operator, { revertAfter: 60 })
    expect(asked.at(-1)?.request).toMatchObject({ kind: 'run', revertAfter: 60, viewers: ['127.0.0.1'] })
    const [waiting] = (await t.call('changes.unconfirmed', undefined, operator)).data
    expect(waiting).toMatchObject({ hostId, change: { id: 'c1', state: 'unconfirmed' } })
    expect(waiting.change.revertIn).toBeLessThanOrEqual(60_000)
    expect(await keep()).toMatchObject({ kind: 'denied', reason: { code: 'KEPT_FROM_BEFORE' } })
    // Somebody else's page says nothing of this one's way.
    await openPage(t, admin)
    expect(await keep()).toMatchObject({ kind: 'denied' })
    before.socket.disconnect()
    await openPage(t, operator)
    expect(await keep()).toMatchObject({ kind: 'change', change: { state: 'done' } })
    expect(asked.at(-1)?.request).toEqual({ kind: 'keep', id: 'c1', by: 'operator', role: 'operator' })
    expect((await t.call('changes.unconfirmed', undefined, operator)).data).toEqual([])
  })

  it('with anything that no schema knows go no further', async () => {
    const { admin, run, asked } = await withAgent(() => ({ kind: 'moved', shell: [] }))
    for (const more of [{ command: { ...command, shell: 'rm' } }, { command: { do: 'sh' } }, { by: 'somebody' }]) {
      expect((await run(admin, more)).code, JSON.stringify(more)).toBe('BAD_INPUT')
    }
    expect(asked).toEqual([])
  })

  it('are written down with who asked, from where, for what, and what came of it', async () => {
    const change = {
      ...{ id: 'c1', at: 1, by: NAME, command, title: { code: 'link.up', params: {} }, lost: [], state: 'done' },
      steps: [{ title: { code: 'link.up', params: {} }, shell: 'ip link …', state: 'done' }],
    } as const
    const { t, admin, agent, hostId, run } = await withAgent(({ request }) =>
      request.kind === 'undo' ? { kind: 'change', change: { ...change, state: 'undone' } } : { kind: 'change', change },
    )
    const operator = await account(t, admin, 'operator')
    await run(admin)
    expect((await run(operator, { confirm: 'eth0' })).code).toBe('FORBIDDEN')
    await t.call('changes.undo', { hostId, id: 'c1' }, operator)
    expect((await t.call('changes.undo', { hostId: 'nobody', id: 'c1' }, operator)).code).toBe('NOT_FOUND')
    const lines = (await t.call('audit.list', {}, admin)).data
    expect(lines.map(({ entry }: { entry: object }) => entry).reverse()).toMatchObject([
      { kind: 'asked', user: { name: NAME, role: 'admin' }, address: '127.0.0.1', host: { id: hostId } },
      { kind: 'came', asked: 1, outcome: 'done', answer: { change: { id: 'c1' } } },
      { kind: 'asked', user: { role: 'operator' }, request: { kind: 'run', command, shown: ['x'], confirm: 'eth0' } },
      { kind: 'came', asked: 3, outcome: 'denied' },
      { kind: 'asked', user: { role: 'operator' }, request: { kind: 'undo', id: 'c1' } },
      { kind: 'came', asked: 5, outcome: 'undone' },
    ])
    expect((await t.call('audit.verify', {}, admin)).data).toEqual({ kind: 'whole', lines: 6, hash: lines[0].hash })
    // While the agent is there, it is the one that tells; afterwards the audit does.
    expect((await t.call('changes.past', {}, operator)).data).toEqual([])
    agent.close()
    const past = async () => (await t.call('changes.past', {}, operator)).data
    await expect.poll(past).toMatchObject([{ host: { id: hostId }, change: { id: 'c1', state: 'undone' } }])
  })

  it('are not made when that cannot be written down; what came of the one before is written first', {
    timeout: 40_000,
  }, async () => {
    let locked: Awaited<ReturnType<typeof lock>> | undefined
    const { t, admin, run, asked, hostId } = await withAgent(async () => {
      locked ??= await lock(join(t.dataDir, 'hopscope.db'))
      return { kind: 'moved', shell: [] }
    })
    // What was run is told, though the hub can write it down only later.
    expect((await run(admin)).data.kind).toBe('moved')
    expect((await run(admin)).data).toEqual({
      kind: 'denied',
      reason: {
        ...{ code: 'AUDIT_UNWRITABLE', params: {} },
        detail: expect.stringMatching(/hopscope\.db .*another process has locked it/),
      },
    })
    expect(asked).toHaveLength(1)
    await locked?.release()
    expect((await run(admin)).data.kind).toBe('moved')
    const lines = (await t.call('audit.list', { hostId }, admin)).data
    expect(lines.map(({ entry }: { entry: { kind: string } }) => entry.kind)).toEqual([
      'came',
      'asked',
      'came',
      'asked',
    ])
  })

  it('are told when the agent leaves right behind its answer, as it does to come back over a new connection', async () => {
    const { admin, agent, run } = await withAgent(() => new Promise(() => undefined))
    agent.socket.on('change', (_, answered) => {
      answered({ kind: 'moved', shell: ['y'] })
      agent.socket.disconnect()
    })
    expect((await run(admin)).data).toEqual({ kind: 'moved', shell: ['y'] })
  })

  it('say so when the agent is away or answers nonsense', async () => {
    const { admin, run, agent } = await withAgent(() => ({ kind: 'nonsense' }))
    expect((await run(admin)).data.reason.code).toBe('AGENT_UNREADABLE')
    agent.close()
    await expect.poll(async () => (await run(admin)).data.reason.code).toBe('AGENT_AWAY')
  })
})
