import type { ErrorCode } from '@hopscope/protocol'
import { StartError } from '../startError.ts'

/** The database's file in the data folder. */
export const DB_NAME = 'hopscope.db'

export type DatabaseCode = Extract<ErrorCode, `DATABASE_${string}`>
type Reason = {
  sign: RegExp
  why: string
  next: string
  code: DatabaseCode
  /** It is over when somebody did that: what failed works again. */
  passes?: true
}

const LOCKED: Reason = {
  sign: /SQLITE_BUSY|SQLITE_LOCKED|database is locked|SocketTimeout|P1008/,
  why: 'another process has locked it',
  next: 'Stop the other hub or program that uses it',
  code: 'DATABASE_LOCKED',
  passes: true,
}
const REASONS: Reason[] = [
  LOCKED,
  {
    sign: /SQLITE_FULL|ENOSPC|EFBIG|EDQUOT|disk is full|SQLITE_IOERR|disk I\/O error/,
    why: 'it cannot grow: the disk is full, or a limit is reached',
    next: 'Make room on its file system',
    code: 'DATABASE_FULL',
    passes: true,
  },
  {
    sign: /SQLITE_READONLY|SQLITE_PERM|SQLITE_CANTOPEN|EACCES|EPERM|EROFS|readonly database/,
    why: 'this user may not read and write it',
    next: 'Make the file and its folder readable and writable for the user that runs the hub.',
    code: 'DATABASE_UNUSABLE',
  },
  {
    sign: /EISDIR/,
    why: 'it is a folder',
    next: 'Move it away to start with an empty database.',
    code: 'DATABASE_UNUSABLE',
  },
  {
    sign: /SQLITE_NOTADB|SQLITE_CORRUPT|malformed|not a database|quick_check/,
    why: 'it is damaged',
    next: 'Restore it from a backup, or move it away to start with an empty one.',
    code: 'DATABASE_UNUSABLE',
  },
]

/** Which known fault an error of the database is, if any: locked, full, not writable, a folder, damaged. */
function faultOf(error: unknown): Reason | undefined {
  const text = textsOf(error).join('\n')
  return REASONS.find(({ sign }) => sign.test(text))
}

/** True for what the log says already, once for all who meet it. */
export const isDatabaseFault = (error: unknown): boolean => faultOf(error) !== undefined
export const isLocked = (error: unknown): boolean => faultOf(error) === LOCKED

/** The StartError DATABASE for a failure: one sentence that names the file and the reason, and one with the next step. */
export function databaseError(file: string, cause: unknown): StartError {
  if (cause instanceof StartError) return cause
  const known = faultOf(cause)
  const why = known?.why ?? textsOf(cause)[0]?.split('\n').at(-1) ?? 'for an unknown reason'
  const next = known ? nextOf(known, 'start') : 'Restore it from a backup, or move it away to start with an empty one.'
  return new StartError('DATABASE', `The database ${file} cannot be used (${why}). ${next}`, { cause })
}

/** The same for a hub that runs: the code for the page, and both sentences; undefined for what is no known fault of the database. */
export function databaseFault(file: string, error: unknown): { code: DatabaseCode; message: string } | undefined {
  const known = faultOf(error)
  if (known === undefined) return undefined
  return { code: known.code, message: `The database ${file} cannot be used (${known.why}). ${nextOf(known, 'try')}` }
}

const nextOf = ({ next, passes }: Reason, verb: string): string => (passes ? `${next}, then ${verb} again.` : next)

// Where Prisma and its adapter put what SQLite said.
const INSIDE = ['cause', 'meta', 'driverAdapterError', 'error'] as const
const SAID = ['message', 'originalMessage', 'kind', 'code', 'extendedCode'] as const

function textsOf(error: unknown, depth = 0): string[] {
  if (typeof error === 'string') return [error]
  if (typeof error !== 'object' || error === null || depth > 6) return []
  const said = SAID.flatMap((key) => (key in error ? [String(Reflect.get(error, key))] : []))
  return [...said, ...INSIDE.flatMap((key) => (key in error ? textsOf(Reflect.get(error, key), depth + 1) : []))]
}
