import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import type { Logger } from 'pino'
import { checkDb } from './check.ts'
import { databaseError, databaseFault, isLocked } from './explain.ts'
import { PrismaClient } from './generated/client.ts'
import { migrate } from './migrate.ts'
import { whileLocked } from './retry.ts'

export type Db = ReturnType<typeof connect>

/**
 * The database in a file, brought to the newest migration. Throws StartError DATABASE when it cannot be read or written, is
 * locked, full, damaged, or newer than this hub; nothing in it is changed then. What goes wrong later goes to the log, once.
 */
export async function openDb(file: string, prismaDir: string, log: Logger): Promise<Db> {
  // While nobody is served yet, SQLite may wait for a lock by itself.
  const opening = { url: `file:${file}`, timeout: 5000 }
  const migrations = join(prismaDir, 'migrations/sqlite')
  try {
    const { lacksMigrations } = await checkDb(file, new PrismaLibSql(opening), migrations)
    // The engine takes some 20 MB that it never gives back.
    if (lacksMigrations)
      await migrate(new PrismaLibSql(opening), migrations, readFileSync(join(prismaDir, 'schema.prisma'), 'utf8'))
    const faults = tellFaults(file, log)
    const db = connect(file, faults)
    await db.$queryRawUnsafe('PRAGMA journal_mode=WAL')
    await writes(db)
    faults.begin()
    return db
  } catch (cause) {
    throw databaseError(file, cause)
  }
}

/** The database as it is, without migrations; for whoever only reads. */
export const readDb = (file: string): PrismaClient =>
  new PrismaClient({ adapter: new PrismaLibSql({ url: `file:${file}`, timeout: 5000 }) })

function connect(file: string, faults: Faults) {
  const client = new PrismaClient({ adapter: new PrismaLibSql({ url: `file:${file}`, timeout: 0 }) })
  return client.$extends({
    query: {
      async $allOperations({ operation, args, query }) {
        try {
          const result = await whileLocked(() => query(args), isLocked)
          if (!READS.test(operation)) faults.wrote()
          return result
        } catch (error) {
          faults.met(error)
          throw error
        }
      },
    },
  })
}

const READS = /^(find|count|aggregate|groupBy|\$queryRaw)/
type Faults = {
  /** From now on; before, a fault ends the start. */
  begin(): void
  met(error: unknown): void
  wrote(): void
}

/** Says once that the database fails, whatever meets it, and once that it is over. */
function tellFaults(file: string, log: Logger): Faults {
  let told: string | undefined
  let serving = false
  return {
    begin() {
      serving = true
    },
    met(error) {
      const fault = databaseFault(file, error)
      if (!serving || fault === undefined || fault.code === told) return
      told = fault.code
      log.error({ code: fault.code }, `${fault.message} What is live goes on meanwhile.`)
    },
    wrote() {
      if (told === undefined) return
      told = undefined
      log.warn(`The database ${file} can be written again.`)
    },
  }
}

/** Throws when nothing can be written: the version that nobody uses is written as it is. */
async function writes(db: Db): Promise<void> {
  const [row] = await db.$queryRawUnsafe<{ user_version: number | bigint }[]>('PRAGMA user_version')
  await db.$executeRawUnsafe(`PRAGMA user_version = ${Number(row?.user_version ?? 0)}`)
}
