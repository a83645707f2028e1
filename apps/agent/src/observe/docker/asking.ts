import type { ObserverContext } from '../contract.ts'
import type { EngineApi } from './engineApi.ts'

/** What whoever asks an engine for something has at hand. */
export type Asking = {
  context: ObserverContext
  /** Where the host's files are. */
  root: string
  socket: string
  api: EngineApi
  /** With the version of the API that was agreed on before it. */
  path: (rest: string) => string
  /** An answer that we cannot use leaves the rest alone and is stated; an engine that is gone ends the session. */
  attempt: <T>(subject: string, act: () => Promise<T>) => Promise<T | undefined>
  /** Tells a process of this host from one of a sandbox. */
  isOurs: (pid: number) => boolean
}
