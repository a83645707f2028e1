import { z } from 'zod'

/** Every error that crosses a boundary has one of these codes; the page holds a sentence for each in every language. */
export const ERROR_CODES = [
  'UNAUTHENTICATED', // no session, or an expired one
  'FORBIDDEN', // the role may not do this
  'WRONG_CREDENTIALS',
  'LINK_INVALID', // the one-time link is unknown
  'LINK_USED',
  'LINK_EXPIRED',
  'SETUP_DONE', // somebody set the first account up already
  'NAME_TAKEN',
  'LAST_ADMIN', // the last admin can be neither removed nor demoted
  'RATE_LIMITED',
  'BAD_INPUT',
  'NOT_FOUND',
  'ORIGIN_REFUSED',
  'HOST_REFUSED',
  'AGENT_KEY_WRONG',
  'PROTOCOL_MISMATCH',
  'DATABASE_FULL', // the hub's database cannot grow
  'DATABASE_LOCKED', // another program holds it
  'DATABASE_UNUSABLE', // damaged, or not to be read or written
  'INTERNAL',
] as const
export const errorCode = z.enum(ERROR_CODES)
export type ErrorCode = z.infer<typeof errorCode>
