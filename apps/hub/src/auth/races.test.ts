import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PASSWORD, PRISMA } from '../../test/withHub.ts'
import { type Db, openDb } from '../db/open.ts'
import { createAccounts } from './accounts.ts'
import { createLinks } from './links.ts'

async function database(): Promise<Db> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-test-'))
  const db = await openDb(join(folder, 'hopscope.db'), PRISMA, pino({ level: 'silent' }))
  onTestFinished(async () => {
    await db.$disconnect()
    rmSync(folder, { recursive: true })
  })
  return db
}

describe('at the same time', () => {
  it('a link is claimed once', async () => {
    const links = createLinks(await database(), Date.now)
    const token = await links.issue()
    const results = await Promise.all(Array.from({ length: 8 }, () => links.claim(token)))
    expect(results.filter((r) => r === 'OK')).toHaveLength(1)
    expect(results.filter((r) => r === 'LINK_USED')).toHaveLength(7)
  })
  it('two admins cannot remove each other', async () => {
    const accounts = createAccounts(await database())
    for (const name of ['a', 'b']) await accounts.create({ name, role: 'admin', password: PASSWORD })
    const admins = await accounts.list()
    const results = await Promise.all(admins.map(({ id }) => accounts.remove(id, async () => {})))
    expect(results.sort()).toEqual(['LAST_ADMIN', 'OK'])
  })
})
