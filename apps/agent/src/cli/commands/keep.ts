import type { Way } from '@hopscope/command'
import type { Change, ChangeAnswer } from '@hopscope/protocol'
import type { Executor } from '../../execute/executor.ts'

/** The way of the shell that this runs in, where it came over SSH. */
export function shellWays(env: Record<string, string | undefined> = process.env): Way[] {
  const [remote, , local] = (env.SSH_CONNECTION ?? '').split(' ')
  return remote !== undefined && local !== undefined ? [{ to: 'shell', remote, local }] : []
}

type Waiting = {
  executor: Executor
  change: Change
  /** "hopscope keep …" as it is typed in another shell. */
  keep: string
  by: string
  out: (text: string) => void
}

/**
 * Waits until a change was kept from another shell, undone by Ctrl-C, or undone because nobody kept it. This process is what
 * undoes it where no agent runs, so that it stays when the shell that it was started in is cut off.
 */
export async function untilDecided({ executor, change, keep, by, out }: Waiting): Promise<ChangeAnswer> {
  const seconds = Math.round((change.revertIn ?? 0) / 1_000)
  out(`Done. It is undone by itself in ${seconds} s, unless you log in anew and type: ${keep}\n`)
  const interrupted = () => void executor.undo(change.id, by)
  const stay = () => undefined
  process.once('SIGINT', interrupted)
  process.on('SIGHUP', stay)
  // The timer that undoes it keeps no process alive.
  const alive = setInterval(() => undefined, 60_000)
  try {
    return { kind: 'change', change: await decided(executor, change.id) }
  } finally {
    clearInterval(alive)
    process.off('SIGINT', interrupted)
    process.off('SIGHUP', stay)
  }
}

function decided(executor: Executor, id: string): Promise<Change> {
  return new Promise((resolve) => {
    const end = executor.onProgress((change) => {
      if (change.id !== id || change.state === 'unconfirmed' || change.state === 'undoing') return
      end()
      resolve(change)
    })
  })
}
