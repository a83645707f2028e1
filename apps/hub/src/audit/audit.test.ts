import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import pino from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { PRISMA } from '../../test/withHub.ts'
import { type Db, openDb } from '../db/open.ts'
import { type Audit, createAudit } from './audit.ts'
import { auditCommand } from './command.ts'
import { hashOf, lineOf, type News } from './line.ts'
import { readEntry } from './verify.ts'

const who = {
  user: { id: 'u1', name: 'ada', role: 'admin' },
  address: '127.0.0.1',
  host: { id: 'h\0\ud8001', name: 'a\0host\u202e\ud800' },
} as const
const asked: News = {
  kind: 'asked',
  ...who,
  request: { kind: 'run', command: { do: 'link.up', netns: 'root', link: 'eth0' }, by: 'ada', shown: ['ip link …'] },
}
const came = (of: number, id: string): News => ({
  kind: 'came',
  ...who,
  ...{ asked: of, outcome: 'done', milliseconds: 12, answer: { kind: 'change', change: { id } } },
})

/** An audit in a database of its own, with as many lines. */
async function audited(lines: number): Promise<{ audit: Audit; db: Db; folder: string; file: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  const file = join(folder, 'hopscope.db')
  const log = pino({ level: 'silent' })
  const db = await openDb(file, PRISMA, log)
  onTestFinished(async () => {
    await db.$disconnect()
    rmSync(folder, { recursive: true })
  })
  const audit = createAudit(db, () => 1_800_000_000_000, log)
  for (let i = 0; i < lines; i++) await audit.append(i % 2 ? came(i, `change ${i}`) : asked)
  return { audit, db, folder, file }
}

/** What somebody does who owns the file: the triggers are no obstacle. */
async function tamper(file: string, ...statements: string[]): Promise<void> {
  const connection = await new PrismaLibSql({ url: `file:${file}` }).connect()
  for (const trigger of ['next', 'unchanged', 'kept'])
    await connection.executeScript(`DROP TRIGGER IF EXISTS "AuditLine_${trigger}"`)
  for (const sql of statements) await connection.executeScript(sql)
  await connection.dispose()
}

it('is one chain of lines without gaps, however many write at once', async () => {
  const { audit } = await audited(0)
  expect(await audit.verify()).toEqual({ kind: 'whole', lines: 0, hash: '' })
  const numbers = await Promise.all(Array.from({ length: 50 }, (_, i) => audit.append(i % 3 ? came(i, `${i}`) : asked)))
  expect(numbers).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  const [last] = await audit.list({ limit: 1 })
  expect(await audit.verify()).toEqual({ kind: 'whole', lines: 50, hash: last?.hash })
  expect(last?.entry).toMatchObject({
    seq: 50,
    at: 1_800_000_000_000,
    host: { id: 'h\0\ud8001', name: 'a\0host\u202e\ud800' },
  })
})

it('can neither be changed nor shortened, nor added to but at its end', async () => {
  const { audit, file } = await audited(4)
  const connection = await new PrismaLibSql({ url: `file:${file}` }).connect()
  onTestFinished(() => connection.dispose())
  const copied = (seq: number) =>
    `SELECT ${seq}, entry, hash, userId, host, outcome, asked, change FROM AuditLine LIMIT 1`
  for (const [sql, why] of [
    ["UPDATE AuditLine SET outcome = 'failed' WHERE seq = 2", 'the audit is never changed'],
    ['UPDATE AuditLine SET seq = 5 WHERE seq = 4', 'the audit is never changed'],
    ['DELETE FROM AuditLine WHERE seq = 4', 'nothing of the audit is removed'],
    ['DELETE FROM AuditLine', 'nothing of the audit is removed'],
    ...[2, 4, 6].flatMap((seq) => [
      [`INSERT INTO AuditLine ${copied(seq)}`, 'the audit is added to at its end only'],
      [`REPLACE INTO AuditLine ${copied(seq)}`, 'the audit is added to at its end only'],
    ]),
  ] as [string, string][]) {
    await expect(connection.executeScript(sql), sql).rejects.toMatchObject({
      cause: { originalMessage: expect.stringContaining(why) },
    })
  }
  expect(await audit.verify()).toMatchObject({ kind: 'whole', lines: 4 })
})

it('tells at which line somebody has changed it', async () => {
  for (const [statement, seq, why] of [
    [`UPDATE "AuditLine" SET "entry" = replace("entry", 'ada', 'bob') WHERE "seq" = 3`, 3, 'changed'],
    [`UPDATE "AuditLine" SET "outcome" = 'failed' WHERE "seq" = 2`, 2, 'changed'],
    [`UPDATE "AuditLine" SET "userId" = 'u2' WHERE "seq" = 5`, 5, 'changed'],
    [`UPDATE "AuditLine" SET "hash" = 'x' WHERE "seq" = 6`, 6, 'changed'],
    [`DELETE FROM "AuditLine" WHERE "seq" = 4`, 4, 'missing'],
    [`DELETE FROM "AuditLine" WHERE "seq" = 1`, 1, 'missing'],
  ] as const) {
    const { audit, file, folder } = await audited(6)
    await tamper(file, statement)
    expect(await audit.verify(), statement).toEqual({ kind: 'broken', seq, why })
    const said: string[] = []
    expect(await auditCommand(folder, [], (text) => said.push(text))).toBe(7)
    expect(said.join('')).toContain(`line ${seq} `)
  }
})

it('shows a line that was forged with its hash by the line after it, and one that no version wrote', async () => {
  const { audit, db, file } = await audited(6)
  const [before, line] = await db.auditLine.findMany({ where: { seq: { in: [2, 3] } } })
  const entry = line && readEntry(line)
  if (entry === undefined) throw new Error('there is no line 3')
  const forged = lineOf({ ...entry, user: { ...entry.user, name: 'bob' } }, before?.hash ?? '')
  await tamper(file, `UPDATE "AuditLine" SET "entry" = '${forged.entry}', "hash" = '${forged.hash}' WHERE "seq" = 3`)
  expect(await audit.verify()).toEqual({ kind: 'broken', seq: 4, why: 'changed' })
  const other = await audited(1)
  const [first] = await other.db.auditLine.findMany()
  await tamper(
    other.file,
    `INSERT INTO "AuditLine" VALUES (2, '{}', '${hashOf(first?.hash ?? '', '{}')}', 'u1', '', 'asked', NULL, NULL)`,
  )
  expect(await other.audit.verify()).toEqual({ kind: 'broken', seq: 2, why: 'unreadable' })
})

it('is found by account, host and outcome, page by page, and gives the latest state of each change', async () => {
  const { audit, folder } = await audited(6)
  expect((await audit.list({ limit: 4 })).map(({ seq }) => seq)).toEqual([6, 5, 4, 3])
  expect((await audit.list({ limit: 4, before: 3 })).map(({ seq }) => seq)).toEqual([2, 1])
  expect((await audit.list({ limit: 9, outcome: 'done' })).map(({ seq }) => seq)).toEqual([6, 4, 2])
  expect(await audit.list({ limit: 9, userId: 'u1', hostId: 'h\0\ud8001' })).toHaveLength(6)
  expect(await audit.list({ limit: 9, userId: 'u1', hostId: 'h' })).toEqual([])
  const lines: string[] = []
  expect(await auditCommand(folder, ['--json'], (text) => lines.push(text))).toBe(0)
  expect(lines.map((line) => JSON.parse(line).entry.seq)).toEqual([1, 2, 3, 4, 5, 6])
})
