import { accessSync, constants, existsSync, statSync } from 'node:fs'
import type { PrismaLibSql } from '@prisma/adapter-libsql'
import { StartError } from '../startError.ts'
import { migrationsIn } from './migrate.ts'

/**
 * Looks at a database before anything is changed in it. Throws what is wrong with the file, and StartError DATABASE when a
 * newer hub has written it. One that is not there yet lacks every migration.
 */
export async function checkDb(
  file: string,
  factory: PrismaLibSql,
  migrations: string,
): Promise<{ lacksMigrations: boolean }> {
  if (!existsSync(file)) return { lacksMigrations: true }
  if (statSync(file).isDirectory()) throw new Error('EISDIR')
  accessSync(file, constants.R_OK | constants.W_OK)
  const connection = await factory.connect()
  const query = async (sql: string) => (await connection.queryRaw({ sql, args: [], argTypes: [] })).rows
  try {
    // Damage further inside the file would show only when somebody reads there.
    const [check] = await query('PRAGMA quick_check(1)')
    if (check?.[0] !== 'ok') throw new Error(`quick_check: ${check?.[0]}`)
    const tables = await query("SELECT name FROM sqlite_master WHERE name = '_prisma_migrations'")
    if (!tables.length) return { lacksMigrations: true }
    const known = new Set(migrationsIn(migrations))
    const applied = await query('SELECT migration_name, finished_at FROM _prisma_migrations ORDER BY started_at')
    const newer = applied.map(([name]) => String(name)).find((name) => !known.has(name))
    if (newer) throw newerError(file, newer)
    for (const [name, finished] of applied) if (finished !== null) known.delete(String(name))
    // One that was begun and failed is the engine's business.
    return { lacksMigrations: known.size > 0 || applied.some(([, finished]) => finished === null) }
  } finally {
    await connection.dispose()
  }
}

function newerError(file: string, migration: string): StartError {
  const next = 'Start that version, or restore a backup from before the upgrade.'
  return new StartError(
    'DATABASE',
    `The database ${file} was written by a newer Hopscope (${migration} is not known here). ${next}`,
  )
}
