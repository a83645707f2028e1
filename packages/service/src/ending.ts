import type { Logger } from 'pino'

/** What must last is written by then; longer than that, something hangs. */
const LIMIT = 4_000
/** Ctrl-C may arrive twice, by the terminal and by npm; later than this it is a second one. */
const AGAIN = 1_000

/** Answers whoever started this process with an IPC channel (`npm start` does), who asks now and then whether it still runs. */
export function answerParent(): void {
  if (process.send === undefined) return
  // An answer that cannot be sent is one to somebody who is gone; `disconnect` tells.
  process.on('message', (message) => {
    if (message === 'ping') process.send?.('pong', undefined, undefined, () => undefined)
  })
  process.channel?.unref()
}

/**
 * Ends this process in an orderly way at SIGTERM or SIGINT, and when whoever started it with an IPC channel is gone, with exit
 * code 0; at a second signal it ends at once (130).
 */
export function endWhenTold(close: () => Promise<void>, log: Logger): void {
  let since: number | undefined
  const end = (why: string): void => {
    if (since !== undefined) {
      if (performance.now() - since > AGAIN) process.exit(130)
      return
    }
    since = performance.now()
    log.info({ why }, 'stopping')
    setTimeout(() => {
      log.error(`not everything ended within ${LIMIT / 1000} s; ending anyway`)
      process.exit(1)
    }, LIMIT).unref()
    close().catch((err: unknown) => {
      log.error({ err }, 'could not end in an orderly way')
      process.exit(1)
    })
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(signal))
  if (process.send === undefined) return
  const alone = () => end('whoever started it is gone')
  if (process.connected) process.once('disconnect', alone)
  else alone()
}
