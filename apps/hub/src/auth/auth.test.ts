import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { account, NAME, newToken, PASSWORD, PRISMA, setUp, withHub } from '../../test/withHub.ts'
import { openDb } from '../db/open.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

describe('the one-time link', () => {
  it('leads to the setup of the first account, and to nothing else', async () => {
    const t = await withHub()
    expect((await t.call('auth.state')).data).toMatchObject({ setupDone: false, user: null, bootstrap: false })
    const claimed = await t.call('auth.claim', { token: await newToken(t) })
    expect(claimed.data).toEqual({ next: 'setup' })
    expect((await t.call('auth.state', undefined, claimed.cookie)).data).toMatchObject({ user: null, bootstrap: true })
    expect((await t.call('users.list', undefined, claimed.cookie)).code).toBe('UNAUTHENTICATED')
    expect((await t.call('hosts.list', undefined, claimed.cookie)).code).toBe('UNAUTHENTICATED')
    const done = await t.call('auth.setup', { name: NAME, password: PASSWORD }, claimed.cookie)
    expect(done.data).toMatchObject({ name: NAME, role: 'admin' })
    expect((await t.call('auth.state', undefined, done.cookie)).data.user).toMatchObject({ name: NAME, role: 'admin' })
    // The bootstrap session ended with it.
    expect((await t.call('auth.setup', { name: 'x', password: PASSWORD }, claimed.cookie)).code).toBe('UNAUTHENTICATED')
  })
  it('logs in as the first admin once there are accounts', async () => {
    const t = await withHub()
    await setUp(t)
    const claimed = await t.call('auth.claim', { token: await newToken(t) })
    expect(claimed.data).toEqual({ next: 'home' })
    expect((await t.call('auth.state', undefined, claimed.cookie)).data.user.name).toBe(NAME)
  })
  it('is refused when used, expired, replaced or unknown', async () => {
    const t = await withHub()
    const token = await newToken(t)
    const both = await Promise.all([t.call('auth.claim', { token }), t.call('auth.claim', { token })])
    expect(both.map((r) => r.code).sort()).toEqual(['LINK_USED', undefined].sort())
    const old = await newToken(t)
    t.pass(30 * MINUTE)
    expect((await t.call('auth.claim', { token: old })).code).toBe('LINK_EXPIRED')
    const replaced = await newToken(t)
    await newToken(t)
    expect((await t.call('auth.claim', { token: replaced })).code).toBe('LINK_EXPIRED')
    expect((await t.call('auth.claim', { token: 'x'.repeat(43) })).code).toBe('LINK_INVALID')
  })
  it('lets one of two people set up the first account', async () => {
    const t = await withHub()
    const a = (await t.call('auth.claim', { token: await newToken(t) })).cookie
    const b = (await t.call('auth.claim', { token: await newToken(t) })).cookie
    const results = await Promise.all([
      t.call('auth.setup', { name: 'a', password: PASSWORD }, a),
      t.call('auth.setup', { name: 'b', password: PASSWORD }, b),
    ])
    expect(results.map((r) => r.code ?? 'OK').sort()).toEqual(['OK', 'SETUP_DONE'])
  })
})

describe('logging in', () => {
  it('takes name and password, whatever the case of the name', async () => {
    const t = await withHub()
    await setUp(t)
    const good = await t.call('auth.login', { name: 'aDA', password: PASSWORD })
    expect(good.data).toMatchObject({ name: NAME })
    expect(good.setCookie).toMatch(/^hopscope_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/)
    expect((await t.call('auth.login', { name: NAME, password: 'wrong' })).code).toBe('WRONG_CREDENTIALS')
    expect((await t.call('auth.login', { name: 'nobody', password: PASSWORD })).code).toBe('WRONG_CREDENTIALS')
  })
  it('takes as long for an unknown name as for a wrong password', async () => {
    const t = await withHub()
    await setUp(t)
    const time = async (name: string) => {
      const from = performance.now()
      await t.call('auth.login', { name, password: 'wrong' })
      return performance.now() - from
    }
    const known = []
    const unknown = []
    for (let i = 0; i < 4; i++) {
      known.push(await time(NAME))
      unknown.push(await time(`nobody${i}`))
    }
    // Both hash once: without it, an unknown name would take a few per cent of the time.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 2)
  })
  it('refuses the sixth wrong try of an account from one address, and says how long', async () => {
    const t = await withHub()
    await setUp(t)
    for (let i = 0; i < 5; i++)
      expect((await t.call('auth.login', { name: NAME, password: 'wrong' })).code).toBe('WRONG_CREDENTIALS')
    const sixth = await t.call('auth.login', { name: NAME.toLowerCase(), password: PASSWORD })
    expect(sixth).toMatchObject({ status: 429, code: 'RATE_LIMITED' })
    expect(sixth.params?.retryAfter).toBeGreaterThan(800)
    expect((await t.call('auth.login', { name: 'other', password: 'wrong' })).code).toBe('WRONG_CREDENTIALS')
  })
  it('counts tries of the link, too', async () => {
    const t = await withHub()
    for (let i = 0; i < 5; i++) await t.call('auth.claim', { token: `x${i}` })
    expect((await t.call('auth.claim', { token: 'x' })).code).toBe('RATE_LIMITED')
  })
})

describe('sessions', () => {
  it('are stored as hashes, as are links; passwords as scrypt with its parameters', async () => {
    const t = await withHub()
    const link = await newToken(t)
    const token = (await setUp(t)).split('=')[1] ?? ''
    const db = await openDb(join(t.dataDir, 'hopscope.db'), PRISMA, pino({ level: 'silent' }))
    expect(await db.session.count()).toBe(1)
    const user = await db.user.findFirstOrThrow()
    expect(user.passwordHash).toMatch(/^scrypt\$32768\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
    await db.$queryRawUnsafe('PRAGMA wal_checkpoint(TRUNCATE)')
    await db.$disconnect()
    const file = readFileSync(join(t.dataDir, 'hopscope.db'))
    expect(file.includes(user.passwordHash)).toBe(true)
    for (const secret of [token, link, PASSWORD]) expect(file.includes(secret)).toBe(false)
  })
  it('end at logout', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const out = await t.call('auth.logout', undefined, cookie)
    expect(out.setCookie).toMatch(/^hopscope_session=;/)
    expect((await t.call('hosts.list', undefined, cookie)).code).toBe('UNAUTHENTICATED')
  })
  it('end after 7 idle days, and after 30 days in any case', async () => {
    const t = await withHub()
    const idle = await setUp(t)
    t.pass(7 * DAY)
    expect((await t.call('hosts.list', undefined, idle)).code).toBe('UNAUTHENTICATED')
    const { cookie } = await t.call('auth.login', { name: NAME, password: PASSWORD })
    for (let day = 0; day < 24; day += 6) {
      t.pass(6 * DAY)
      expect((await t.call('hosts.list', undefined, cookie)).code).toBeUndefined()
    }
    t.pass(6 * DAY)
    expect((await t.call('hosts.list', undefined, cookie)).code).toBe('UNAUTHENTICATED')
  })
  it('of an account end when its password changes, but for a new one for whoever changed it', async () => {
    const t = await withHub()
    const here = await setUp(t)
    const there = (await t.call('auth.login', { name: NAME, password: PASSWORD })).cookie
    const wrong = await t.call('auth.changePassword', { current: 'wrong', next: 'another password' }, here)
    expect(wrong.code).toBe('WRONG_CREDENTIALS')
    const short = await t.call('auth.changePassword', { current: PASSWORD, next: 'short' }, here)
    expect(short).toMatchObject({ code: 'BAD_INPUT', params: { field: 'next' } })
    const changed = await t.call('auth.changePassword', { current: PASSWORD, next: 'another password' }, here)
    expect((await t.call('hosts.list', undefined, changed.cookie)).code).toBeUndefined()
    for (const old of [here, there]) expect((await t.call('hosts.list', undefined, old)).code).toBe('UNAUTHENTICATED')
    expect((await t.call('auth.login', { name: NAME, password: PASSWORD })).code).toBe('WRONG_CREDENTIALS')
  })
  it('of an account end when an admin resets its password or removes it', async () => {
    const t = await withHub()
    const admin = await setUp(t)
    const viewer = await account(t, admin, 'viewer')
    const list = (await t.call('users.list', undefined, admin)).data as { id: string; name: string }[]
    const id = list.find((u) => u.name === 'viewer')?.id
    await t.call('users.resetPassword', { id, password: 'a new password' }, admin)
    expect((await t.call('hosts.list', undefined, viewer)).code).toBe('UNAUTHENTICATED')
    const again = (await t.call('auth.login', { name: 'viewer', password: 'a new password' })).cookie
    await t.call('users.remove', { id }, admin)
    expect((await t.call('hosts.list', undefined, again)).code).toBe('UNAUTHENTICATED')
  })
})
