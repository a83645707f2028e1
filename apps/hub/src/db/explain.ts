import { StartError } from '../startError.ts'

type Reason = { sign: RegExp; why: string; next: string }

// By the words of SQLite, of the operating system and of Prisma's adapter.
const LOCKED: Reason = {
  sign: /SQLITE_BUSY|SQLITE_LOCKED|database is locked|SocketTimeout|P1008/,
  why: 'another process has locked it',
  next: 'Stop the other hub or program that uses it, then start again.',
}
const REASONS: Reason[] = [
  LOCKED,
  {
    sign: /SQLITE_FULL|ENOSPC|EFBIG|EDQUOT|disk is full|SQLITE_IOERR|disk I\/O error/,
    why: 'it cannot grow: the disk is full, or a limit is reached',
    next: 'Make room on its file system, then start again.',
  },
  {
    sign: /SQLITE_READONLY|SQLITE_PERM|SQLITE_CANTOPEN|EACCES|EPERM|EROFS|readonly database/,
    why: 'this user may not read and write it',
    next: 'Make the file and its folder readable and writable for the user that runs the hub.',
  },
  { sign: /EISDIR/, why: 'it is a folder', next: 'Move it away to start with an empty database.' },
  {
    sign: /SQLITE_NOTADB|SQLITE_CORRUPT|malformed|not a database|quick_check/,
    why: 'it is damaged',
    next: 'Restore it from a backup, or move it away to start with an empty one.',
  },
]

/** Which known fault an error of the database is, if any: locked, full, not writable, a folder, damaged. */
function faultOf(error: unknown): Reason | undefined {
  const text = textsOf(error).join('\n')
  return REASONS.find(({ sign }) => sign.test(text))
}

export const isLocked = (error: unknown): boolean => faultOf(error) === LOCKED

/** The StartError DATABASE for a failure: one sentence that names the file and the reason, and one with the next step. */
export function databaseError(file: string, cause: unknown): StartError {
  if (cause instanceof StartError) return cause
  const known = faultOf(cause)
  const why = known?.why ?? textsOf(cause)[0]?.split('\n').at(-1) ?? 'for an unknown reason'
  const next = known?.next ?? 'Restore it from a backup, or move it away to start with an empty one.'
  return new StartError('DATABASE', `The database ${file} cannot be used (${why}). ${next}`, { cause })
}

// Where Prisma and its adapter put what SQLite said.
const INSIDE = ['cause', 'meta', 'driverAdapterError', 'error'] as const
const SAID = ['message', 'originalMessage', 'kind', 'code', 'extendedCode'] as const

function textsOf(error: unknown, depth = 0): string[] {
  if (typeof error === 'string') return [error]
  if (typeof error !== 'object' || error === null || depth > 6) return []
  const said = SAID.flatMap((key) => (key in error ? [String(Reflect.get(error, key))] : []))
  return [...said, ...INSIDE.flatMap((key) => (key in error ? textsOf(Reflect.get(error, key), depth + 1) : []))]
}
