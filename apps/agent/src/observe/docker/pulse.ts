import type { ObserverContext } from '../contract.ts'
import { silentEngine, type Unavailable } from './socketFile.ts'

type Options = {
  context: Pick<ObserverContext, 'scheduler'>
  socket: string
  ping: (timeoutMs: number) => Promise<void>
  /** The engine has not answered in time. */
  onSilent: (state: Unavailable) => void
  /** It answers again. */
  onAnswer: () => void
}

const EVERY = 5_000
/** Longer than an engine needs on a busy machine. */
const PATIENCE = 3_000
/** A ping that was given up must not leave a connection behind for each five seconds of silence. */
const LONGEST = 30_000

/**
 * Asks an engine now and then whether it is there, and tells when it is not: one that hangs ends no connection and sends no
 * event. Returns what ends it. Same as "curl --unix-socket /run/docker.sock http://docker/_ping".
 */
export function takePulse({ context, socket, ping, onSilent, onAnswer }: Options): () => void {
  const { scheduler } = context
  let asking = false
  let silent = false
  let closed = false

  const ask = () => {
    if (asking) return
    asking = true
    const cancel = scheduler.after(PATIENCE, () => {
      if (closed) return
      silent = true
      onSilent(silentEngine(socket, PATIENCE))
    })
    const answered = () => {
      if (silent && !closed) onAnswer()
      silent = false
    }
    // Without an answer it goes on as silent; an engine that is gone ends the session by its event stream.
    ping(LONGEST)
      .then(answered, (error: unknown) => {
        if (!closed && !silent) onSilent(silentEngine(socket, PATIENCE, error))
        silent = true
      })
      .finally(() => {
        cancel()
        asking = false
      })
  }
  const stop = scheduler.every(EVERY, ask)
  return () => {
    closed = true
    stop()
  }
}
