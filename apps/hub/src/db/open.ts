import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { StartError } from '../startError.ts'
import { PrismaClient } from './generated/client.ts'
import { migrate } from './migrate.ts'

export type Db = PrismaClient

/** The database in a file, brought to the newest migration. Throws StartError DATABASE when it is damaged or newer than this hub. */
export async function openDb(file: string, prismaDir: string): Promise<Db> {
  // A second connection of our own waits for a lock instead of failing at once.
  const options = { url: `file:${file}`, timeout: 5000 }
  try {
    const schema = readFileSync(join(prismaDir, 'schema.prisma'), 'utf8')
    await migrate(new PrismaLibSql(options), join(prismaDir, 'migrations/sqlite'), schema)
    const db = new PrismaClient({ adapter: new PrismaLibSql(options) })
    await db.$queryRawUnsafe('PRAGMA journal_mode=WAL')
    // Damage further inside the file would show only when somebody reads there.
    const check = await db.$queryRawUnsafe<{ quick_check: string }[]>('PRAGMA quick_check(1)')
    if (check[0]?.quick_check !== 'ok') throw new Error(check[0]?.quick_check)
    return db
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n').at(-1) : String(cause)
    throw new StartError(
      'DATABASE',
      `The database ${file} cannot be used (${why}). Restore it from a backup, or move it away to start with an empty one.`,
      { cause },
    )
  }
}
