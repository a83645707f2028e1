import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DB_NAME, databaseError } from '../db/explain.ts'
import { readDb } from '../db/open.ts'
import { EXIT_CODES, StartError } from '../startError.ts'
import { linesOf, pageAfter } from './audit.ts'
import { verifyLines } from './verify.ts'

/** Says whether the audit in a data folder is whole; with `--json`, prints its lines instead. The exit code. Throws StartError DATABASE. */
export async function auditCommand(dataDir: string, args: readonly string[], print: (text: string) => void) {
  const file = join(dataDir, DB_NAME)
  if (!existsSync(file))
    throw new StartError('DATABASE', `There is no database ${file}. Set HOPSCOPE_DATA to its folder.`)
  const db = readDb(file)
  const lines = () => linesOf((after) => db.auditLine.findMany(pageAfter(after)))
  try {
    if (args.includes('--json')) {
      for await (const { entry, hash } of lines()) print(`{"hash":"${hash}","entry":${entry}}\n`)
      return 0
    }
    const verified = await verifyLines(lines())
    if (verified.kind === 'whole') {
      print(`The audit is whole: ${verified.lines} lines, the last with the hash ${verified.hash || '(none)'}.\n`)
      return 0
    }
    print(`The audit is not what was written: line ${verified.seq} ${WHY[verified.why]}.\n`)
    return EXIT_CODES.AUDIT
  } catch (error) {
    throw databaseError(file, error)
  } finally {
    await db.$disconnect()
  }
}

const WHY = {
  missing: 'is missing',
  changed: 'or the hash before it was changed',
  unreadable: 'cannot be understood by this version',
} as const
