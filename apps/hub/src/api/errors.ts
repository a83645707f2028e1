import type { ErrorCode } from '@hopscope/protocol'
import { TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import { DB_NAME, databaseFault } from '../db/explain.ts'

type TrpcCode = TRPCError['code']
export type ErrorInfo = { code: ErrorCode; params?: Record<string, string | number> }

const TRPC_CODES: Record<ErrorCode, TrpcCode> = {
  UNAUTHENTICATED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  WRONG_CREDENTIALS: 'UNAUTHORIZED',
  LINK_INVALID: 'FORBIDDEN',
  LINK_USED: 'FORBIDDEN',
  LINK_EXPIRED: 'FORBIDDEN',
  SETUP_DONE: 'CONFLICT',
  NAME_TAKEN: 'CONFLICT',
  LAST_ADMIN: 'CONFLICT',
  RATE_LIMITED: 'TOO_MANY_REQUESTS',
  BAD_INPUT: 'BAD_REQUEST',
  NOT_FOUND: 'NOT_FOUND',
  ORIGIN_REFUSED: 'FORBIDDEN',
  HOST_REFUSED: 'FORBIDDEN',
  AGENT_KEY_WRONG: 'FORBIDDEN',
  PROTOCOL_MISMATCH: 'PRECONDITION_FAILED',
  DATABASE_FULL: 'INTERNAL_SERVER_ERROR',
  DATABASE_LOCKED: 'INTERNAL_SERVER_ERROR',
  DATABASE_UNUSABLE: 'INTERNAL_SERVER_ERROR',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
}

/** A refusal that the page can put into words by its code. The message names the object, the reason and the next step. */
export class ApiError extends TRPCError {
  readonly info: ErrorInfo

  constructor(code: ErrorCode, message: string, params?: ErrorInfo['params']) {
    super({ code: TRPC_CODES[code], message })
    this.info = { code, ...(params && { params }) }
  }
}

/** What came of asking for something on a host; throws when there is no such host. */
export function ofHost<T>(hostId: string, answer: T | undefined): T {
  if (answer === undefined) throw new ApiError('NOT_FOUND', `There is no host ${hostId}. Reload the list.`)
  return answer
}

/** What of an error may leave the hub: our own refusals as they are, everything else without its message. */
export function describeError(error: TRPCError): { message: string; info: ErrorInfo } {
  if (error instanceof ApiError) return { message: error.message, info: error.info }
  const badInput = error.cause instanceof ZodError && error.cause.issues[0]
  if (badInput) {
    const field = badInput.path.join('.') || 'input'
    return { message: `${field}: ${badInput.message}`, info: { code: 'BAD_INPUT', params: { field } } }
  }
  if (error.code === 'NOT_FOUND') return { message: 'There is no such procedure.', info: { code: 'NOT_FOUND' } }
  // Where the file is, only the log says: who asks may have no session.
  const fault = databaseFault(DB_NAME, error.cause)
  if (fault) return { message: fault.message, info: { code: fault.code } }
  if (error.code === 'INTERNAL_SERVER_ERROR')
    return { message: 'The hub failed. Its log says why.', info: { code: 'INTERNAL' } }
  return { message: `The request is not valid (${error.code}).`, info: { code: 'BAD_INPUT' } }
}
