import type { Role } from '../../shell/session.ts'

/** Somebody who may sign in; `createdAt` in milliseconds since the epoch. */
export type Account = { id: string; name: string; role: Role; createdAt: number }
