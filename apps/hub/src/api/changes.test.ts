import type { ChangeMessage } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { replayAgent } from '@hopscope/testkit/replayAgent'
import { describe, expect, it, onTestFinished } from 'vitest'
import { account, NAME, setUp, withHub } from '../../test/withHub.ts'

const command = { do: 'link.up', netns: 'root', link: 'eth0' } as const

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
    answered(answer(message))
  })
  agent.socket.on('history', (_, answered) => answered([]))
  const live = async () => (await t.call('hosts.list', undefined, admin)).data[0]?.status
  await expect.poll(live).toBe('live')
  const hostId = snapshot.host.id
  const run = (cookie: string, more = {}) => t.call('changes.run', { hostId, command, shown: ['x'], ...more }, cookie)
  return { t, admin, agent, asked, hostId, run }
}

describe('changes', () => {
  it('are asked of the agent in the name of the one who is logged in', async () => {
    const { t, admin, run, asked, hostId } = await withAgent(() => ({ kind: 'moved', shell: ['y'] }))
    expect((await run(admin)).data).toEqual({ kind: 'moved', shell: ['y'] })
    expect(asked).toEqual([{ hostId, request: { kind: 'run', command, by: NAME, shown: ['x'] } }])
    await t.call('changes.undo', { hostId, id: 'abc' }, admin)
    expect(asked[1]).toEqual({ hostId, request: { kind: 'undo', id: 'abc', by: NAME } })
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
  })

  it('with anything that no schema knows go no further', async () => {
    const { admin, run, asked } = await withAgent(() => ({ kind: 'moved', shell: [] }))
    for (const more of [{ command: { ...command, shell: 'rm' } }, { command: { do: 'sh' } }, { by: 'somebody' }]) {
      expect((await run(admin, more)).code, JSON.stringify(more)).toBe('BAD_INPUT')
    }
    expect(asked).toEqual([])
  })

  it('say so when the agent is away or answers nonsense', async () => {
    const { admin, run, agent } = await withAgent(() => ({ kind: 'nonsense' }))
    expect((await run(admin)).data.message).toMatch(/cannot be understood/)
    agent.close()
    await expect.poll(async () => (await run(admin)).data.message).toMatch(/away/)
  })
})
