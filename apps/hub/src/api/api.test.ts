import { generateHost } from '@hopscope/testkit'
import { replayAgent } from '@hopscope/testkit/replayAgent'
import { describe, expect, it, onTestFinished } from 'vitest'
import { account, NAME, PASSWORD, setUp, withHub } from '../../test/withHub.ts'

describe('users', () => {
  it('have a name of their own and keep an admin among them', async () => {
    const t = await withHub()
    const admin = await setUp(t)
    await account(t, admin, 'viewer')
    const taken = await t.call('users.create', { name: 'ＶＩＥＷＥＲ', role: 'viewer', password: PASSWORD }, admin)
    expect(taken.code).toBe('NAME_TAKEN')
    const list = (await t.call('users.list', undefined, admin)).data as { id: string; name: string; role: string }[]
    expect(list.map(({ name, role }) => ({ name, role }))).toEqual([
      { name: NAME, role: 'admin' },
      { name: 'viewer', role: 'viewer' },
    ])
    expect(JSON.stringify(list)).not.toContain('scrypt')
    const [first, second] = list
    expect((await t.call('users.setRole', { id: first?.id, role: 'viewer' }, admin)).code).toBe('LAST_ADMIN')
    expect((await t.call('users.remove', { id: first?.id }, admin)).code).toBe('LAST_ADMIN')
    expect((await t.call('users.remove', { id: 'nobody' }, admin)).code).toBe('NOT_FOUND')
    await t.call('users.setRole', { id: second?.id, role: 'admin' }, admin)
    expect((await t.call('users.remove', { id: first?.id }, admin)).code).toBeUndefined()
    expect((await t.call('auth.login', { name: NAME, password: PASSWORD })).code).toBe('WRONG_CREDENTIALS')
  })
})

describe('prefs and layouts', () => {
  it('are kept for each user', async () => {
    const t = await withHub()
    const admin = await setUp(t)
    const viewer = await account(t, admin, 'viewer')
    expect((await t.call('prefs.get', undefined, viewer)).data).toEqual({})
    await t.call('prefs.set', { locale: 'zh-CN' }, viewer)
    await t.call('prefs.set', { theme: 'dark' }, viewer)
    expect((await t.call('prefs.get', undefined, viewer)).data).toEqual({ locale: 'zh-CN', theme: 'dark' })
    expect((await t.call('prefs.get', undefined, admin)).data).toEqual({})
    expect((await t.call('prefs.set', { theme: 'pink' }, viewer)).code).toBe('BAD_INPUT')

    const value = { x: [1, { y: null }], 文: 'ok' }
    expect((await t.call('layouts.get', { key: 'map' }, viewer)).data).toEqual({ value: null })
    await t.call('layouts.save', { key: 'map', value: 1 }, viewer)
    await t.call('layouts.save', { key: 'map', value }, viewer)
    expect((await t.call('layouts.get', { key: 'map' }, viewer)).data).toEqual({ value })
    expect((await t.call('layouts.get', { key: 'map' }, admin)).data).toEqual({ value: null })
    expect((await t.call('layouts.save', { key: 'map', value: 'x'.repeat(256 * 1024) }, viewer)).code).toBe('BAD_INPUT')
    expect((await t.call('layouts.save', { key: 'map' }, viewer)).code).toBe('BAD_INPUT')
  })
})

describe('hosts', () => {
  it('are listed, and forgotten only while their agent is away', async () => {
    const t = await withHub()
    const admin = await setUp(t)
    const snapshot = generateHost({ containers: 2 })
    const hostId = snapshot.host.id
    const agent = await replayAgent({ url: t.hub.url, key: t.key, snapshots: [snapshot] })
    onTestFinished(() => agent.close())
    const status = async () => (await t.call('hosts.list', undefined, admin)).data[0]?.status
    await expect.poll(status).toBe('live')
    expect((await t.call('hosts.forget', { hostId }, admin)).code).toBe('BAD_INPUT')
    agent.close()
    await expect.poll(status).toBe('stale')
    // Known again after a restart, before any agent is back.
    await t.restart()
    expect((await t.call('hosts.list', undefined, admin)).data).toMatchObject([
      { host: snapshot.host, status: 'stale' },
    ])
    expect((await t.call('hosts.forget', { hostId }, admin)).code).toBeUndefined()
    expect((await t.call('hosts.forget', { hostId }, admin)).code).toBe('NOT_FOUND')
    await t.restart()
    expect((await t.call('hosts.list', undefined, admin)).data).toEqual([])
  })
})
