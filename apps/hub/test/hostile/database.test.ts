import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Random } from '@hopscope/testkit/random'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { setUp } from '../withHub.ts'
import { dataFolder, type HubProcess, hubProcess } from './hubProcess.ts'
import { nothingIsLost, refuses, saveLayout } from './lasting.ts'
import { scene, unharmed } from './unharmed.ts'

// Root may read and write everything, unless it lacks these.
const POWERS = '-dac_override,-dac_read_search'
const WITHOUT_POWERS = process.getuid?.() === 0 ? ['setpriv', `--bounding-set=${POWERS}`, `--inh-caps=${POWERS}`] : []
const PAGE = 4096

let made: Buffer | undefined
/** A database with an account and a layout, as bytes. Made by the first test that asks. */
async function good(): Promise<Buffer> {
  if (made) return made
  const t = await hubProcess()
  await saveLayout(t, await setUp(t))
  await t.stop()
  made = readFileSync(join(t.dataDir, 'hopscope.db'))
  return made
}

/** A data folder with that database. */
async function filled(): Promise<{ dataDir: string; file: string }> {
  const dataDir = dataFolder()
  const file = join(dataDir, 'hopscope.db')
  writeFileSync(file, await good(), { mode: 0o600 })
  mkdirSync(join(dataDir, 'out'))
  return { dataDir, file }
}

function overwrite(file: string, at: number, length: number): void {
  const fd = openSync(file, 'r+')
  writeSync(fd, new Random(1).bytes(length), 0, length, at)
  closeSync(fd)
}

it('a database of an older version gets what it lacks, and nothing is lost', async () => {
  const { dataDir, file } = await filled()
  await sql(file, 'DROP TABLE AuditLine')
  await sql(file, "DELETE FROM _prisma_migrations WHERE migration_name LIKE '%_audit'")
  await nothingIsLost({ dataDir })
  await sql(file, 'SELECT seq FROM AuditLine')
})

describe('a database that cannot be used', () => {
  it.each([
    ['random bytes in its header', (file: string) => overwrite(file, 0, 100)],
    ['random bytes in its middle', (file: string) => overwrite(file, 6 * PAGE, 2 * PAGE)],
    ['its second half missing', (file: string) => truncateSync(file, 8 * PAGE)],
  ])('is called damaged: %s', async (_how, damage) => {
    const { dataDir, file } = await filled()
    damage(file)
    const held = readFileSync(file)
    await refuses(
      { dataDir },
      'DATABASE',
      /^The database \S+hopscope\.db cannot be used \(it is damaged\)\. Restore it from a backup, or move it away/,
    )
    // What somebody may still rescue is left as it is.
    expect(readFileSync(file).equals(held)).toBe(true)
    writeFileSync(file, await good())
    await nothingIsLost({ dataDir })
  })
  it('is called a folder when it is one', async () => {
    const { dataDir, file } = await filled()
    rmSync(file)
    mkdirSync(file)
    await refuses({ dataDir }, 'DATABASE', /hopscope\.db cannot be used \(it is a folder\)\. Move it away/)
  })
  it.each([0o000, 0o444])('needs the rights to read and write it: mode %o', async (mode) => {
    const { dataDir, file } = await filled()
    chmodSync(file, mode)
    const o = { dataDir, within: WITHOUT_POWERS }
    await refuses(
      o,
      'DATABASE',
      /hopscope\.db cannot be used \(this user may not read and write it\)\. Make the file and its folder/,
    )
    chmodSync(file, 0o600)
    await nothingIsLost(o)
  })
  it('of a newer version is left alone', async () => {
    const { dataDir, file } = await filled()
    await sql(
      file,
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, applied_steps_count) VALUES ('n', 'n', '20990101000000_future', 4070908800000, 1)",
    )
    await refuses(
      { dataDir },
      'DATABASE',
      /hopscope\.db was written by a newer Hopscope \(20990101000000_future is not known here\)\. Start that version/,
    )
    await sql(file, "DELETE FROM _prisma_migrations WHERE id = 'n'")
    await nothingIsLost({ dataDir })
  })
  it('has no room to grow', async () => {
    const { dataDir } = await filled()
    // A file may have 8 KiB: neither the database nor its log can be written.
    const o = { dataDir, within: ['prlimit', '--fsize=8192'] }
    await refuses(
      o,
      'DATABASE',
      /hopscope\.db cannot be used \(it cannot grow: the disk is full, or a limit is reached\)\. Make room/,
    )
    await nothingIsLost({ dataDir })
    const fresh = dataFolder()
    await refuses({ ...o, dataDir: fresh }, 'DATABASE', /hopscope\.db cannot be used \(it cannot grow/)
    await hubProcess({ dataDir: fresh })
  })
  it('is locked by another process', { timeout: 90_000 }, async () => {
    const { dataDir, file } = await filled()
    const release = await lock(file)
    await refuses(
      { dataDir },
      'DATABASE',
      /hopscope\.db cannot be used \(another process has locked it\)\. Stop the other hub or program/,
    )
    await release()
    await nothingIsLost({ dataDir })
  })
})

describe('a data folder that cannot be used', () => {
  it('is named, whatever in it is wrong', async () => {
    const { dataDir } = await filled()
    chmodSync(dataDir, 0o555)
    const within = WITHOUT_POWERS
    await refuses({ dataDir, within }, 'DATA_FOLDER', /^The data folder \S+ cannot be written \(EACCES/)
    chmodSync(dataDir, 0o700)
    for (const [name, message] of [
      ['agent.key', /^The agents' key \S+agent\.key cannot be used .* remove it to get a new one/],
      ['metrics.token', /^The token for metrics \S+metrics\.token cannot be used .* remove it/],
      ['hub.json', /^The file \S+hub\.json cannot be written .* remove it/],
    ] as const) {
      mkdirSync(join(dataDir, name))
      await refuses({ dataDir }, 'DATA_FOLDER', message)
      rmSync(join(dataDir, name), { recursive: true })
    }
    await nothingIsLost({ dataDir })
  })
})

it('a port that is in use is named, and nothing is lost', async () => {
  const { dataDir } = await filled()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  const env = { HOPSCOPE_PORT: String(address.port) }
  await refuses(
    { dataDir, env },
    'PORT_IN_USE',
    new RegExp(`^127\\.0\\.0\\.1:${address.port} is in use\\. .*HOPSCOPE_PORT`),
  )
  server.close()
  await nothingIsLost({ dataDir, env })
})

describe('a database that fails while the hub runs', () => {
  it('by being locked: the stream goes on at once, and writes do when the lock is gone', {
    timeout: 90_000,
  }, async () => {
    const s = await scene()
    await saveLayout(s.t, s.cookie)
    const release = await lock(join(s.t.dataDir, 'hopscope.db'))
    const write = saveLayout(s.t, s.cookie)
    // The hub must not stand still while a procedure waits for the lock.
    let waits = true
    void write.finally(() => {
      waits = false
    })
    for (let i = 0; i < 5; i++) expect((await s.t.send('/healthz')).status).toBe(200)
    expect(waits, 'the procedure still waits').toBe(true)
    const failed = await write
    expect({ status: failed.status, code: failed.code }).toEqual({ status: 500, code: 'DATABASE_LOCKED' })
    // What only reads goes on, with the stream.
    await unharmed(s, async () => {})
    const waiting = saveLayout(s.t, s.cookie)
    await release()
    expect((await waiting).code).toBeUndefined()
    await s.t.stop()
    await nothingIsLost({ dataDir: s.t.dataDir })
  })
  it('by having no room: the stream goes on, and writes do when there is room', { timeout: 90_000 }, async () => {
    const s = await scene()
    await saveLayout(s.t, s.cookie)
    await limit(s.t, '1000')
    const failed = await s.t.call('layouts.save', { key: 'large', value: 'x'.repeat(100_000) }, s.cookie)
    expect({ status: failed.status, code: failed.code }).toEqual({ status: 500, code: 'DATABASE_FULL' })
    await unharmed(s, async () => {})
    await limit(s.t, 'unlimited')
    expect((await saveLayout(s.t, s.cookie)).code).toBeUndefined()
    await s.t.stop()
    await nothingIsLost({ dataDir: s.t.dataDir })
  })
  it('by being damaged: the stream goes on', { timeout: 90_000 }, async () => {
    const s = await scene()
    const file = join(s.t.dataDir, 'hopscope.db')
    for (const part of [file, `${file}-wal`]) if (existsSync(part)) overwrite(part, 0, 64 * 1024)
    const answer = await s.t.call('layouts.get', { key: 'map' }, s.cookie)
    expect([undefined, 'DATABASE_UNUSABLE', 'UNAUTHENTICATED']).toContain(answer.code)
    expect((await s.t.send('/healthz')).status).toBe(200)
    expect(s.t.child.exitCode).toBeNull()
  })
})

/** Runs a statement on a database that no hub uses. */
async function sql(file: string, statement: string): Promise<void> {
  const connection = await new PrismaLibSql({ url: `file:${file}` }).connect()
  await connection.executeScript(statement)
  await connection.dispose()
}

/** Holds the lock for writing until the result is called. */
async function lock(file: string): Promise<() => Promise<void>> {
  const connection = await new PrismaLibSql({ url: `file:${file}` }).connect()
  const transaction = await connection.startTransaction()
  await transaction.executeRaw({ sql: 'PRAGMA user_version = 0', args: [], argTypes: [] })
  let held = true
  const release = async (): Promise<void> => {
    if (!held) return
    held = false
    await transaction.rollback()
    await connection.dispose()
  }
  onTestFinished(release)
  return release
}

/** How large a file of the hub may become from now on, in bytes. */
async function limit({ child }: HubProcess, bytes: string): Promise<void> {
  const [code] = await once(spawn('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`]), 'close')
  expect(code).toBe(0)
}
