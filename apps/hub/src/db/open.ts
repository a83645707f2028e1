import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { checkDb } from './check.ts'
import { databaseError, isLocked } from './explain.ts'
import { PrismaClient } from './generated/client.ts'
import { migrate } from './migrate.ts'
import { whileLocked } from './retry.ts'

export type Db = ReturnType<typeof connect>

/**
 * The database in a file, brought to the newest migration. Throws StartError DATABASE when it cannot be read or written, is
 * locked, damaged, or newer than this hub; nothing in it is changed then.
 */
export async function openDb(file: string, prismaDir: string): Promise<Db> {
  // While nobody is served yet, SQLite may wait for a lock by itself.
  const opening = { url: `file:${file}`, timeout: 5000 }
  const migrations = join(prismaDir, 'migrations/sqlite')
  try {
    await checkDb(file, new PrismaLibSql(opening), migrations)
    await migrate(new PrismaLibSql(opening), migrations, readFileSync(join(prismaDir, 'schema.prisma'), 'utf8'))
    const db = connect(file)
    await db.$queryRawUnsafe('PRAGMA journal_mode=WAL')
    await writes(db)
    return db
  } catch (cause) {
    throw databaseError(file, cause)
  }
}

function connect(file: string) {
  const client = new PrismaClient({ adapter: new PrismaLibSql({ url: `file:${file}`, timeout: 0 }) })
  return client.$extends({
    query: { $allOperations: ({ args, query }) => whileLocked(() => query(args), isLocked) },
  })
}

/** Throws when nothing can be written: the version that nobody uses is written as it is. */
async function writes(db: Db): Promise<void> {
  const [row] = await db.$queryRawUnsafe<{ user_version: number | bigint }[]>('PRAGMA user_version')
  await db.$executeRawUnsafe(`PRAGMA user_version = ${Number(row?.user_version ?? 0)}`)
}
