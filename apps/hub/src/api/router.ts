import { auditRouter } from './audit.ts'
import { authRouter } from './auth.ts'
import { changesRouter } from './changes.ts'
import { hostsRouter } from './hosts.ts'
import { layoutsRouter } from './layouts.ts'
import { prefsRouter } from './prefs.ts'
import { tracingRouter } from './tracing.ts'
import { router } from './trpc.ts'
import { usersRouter } from './users.ts'

export const appRouter = router({
  auth: authRouter,
  users: usersRouter,
  hosts: hostsRouter,
  changes: changesRouter,
  tracing: tracingRouter,
  audit: auditRouter,
  prefs: prefsRouter,
  layouts: layoutsRouter,
})

/** The page's view of the hub: its procedures with their inputs and results. */
export type AppRouter = typeof appRouter
