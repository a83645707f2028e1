import type { FSWatcher } from 'node:fs'
import type { Cancel, Observer, ObserverContext } from './contract.ts'
import { findDockerd } from './docker/daemon.ts'
import { openSession, type Session } from './docker/session.ts'
import { socketIdentity, watchSocket, whyUnreachable } from './docker/socketFile.ts'

export type DockerObserverOptions = {
  /** Where the host's files are, when they are not ours: `/proc/PID/root` of a process on it. */
  root?: string
}

const firstPause = 100
const longestPause = 5_000
const PATIENCE = 5_000

export type DockerObserver = Observer & {
  /** Asks for less than `refresh`: what the engine tells by itself is known, so this is what a plan stands on alone. */
  catchUp(containers: readonly string[]): Promise<void>
}

/**
 * Keeps containers, networks and the engine as Docker tells them, driven by its events. While the engine is away its
 * records stay (what runs is the kernel's to tell) and the source says why; the next contact drops what is gone.
 * Same as `docker events` with `docker inspect` after each.
 */
export function dockerObserver(context: ObserverContext, { root = '' }: DockerObserverOptions = {}): DockerObserver {
  const socket = context.vantage.dockerSocket
  let session: Session | undefined
  let watcher: FSWatcher | undefined
  let attempt: Promise<void> | undefined
  let cancelRetry: Cancel | undefined
  let pause = firstPause
  let lostSocket: string | undefined
  let closed = false

  function connect(): Promise<void> {
    cancelRetry?.()
    if (closed || session || !mayConnect()) return Promise.resolve()
    attempt ??= context.busy(tryConnect).finally(() => {
      attempt = undefined
    })
    return attempt
  }

  /** Waits for an engine, but not for one that hangs. */
  function promptly(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = context.scheduler.after(PATIENCE, resolve)
      work.finally(cancel).then(resolve, reject)
    })
  }

  async function tryConnect(): Promise<void> {
    watcher ??= watchSocket(socket, () => {
      pause = firstPause
      // Failures are stated as the source's state; `busy` reports whatever else goes wrong.
      void connect()
    })
    const opened = openSession({ context, root, socket, onEnd: lost })
    session = opened
    const failure = await opened.ready
    if (failure === undefined) pause = firstPause
    else if (session === opened && !closed) {
      session = undefined
      context.setSource('docker', whyUnreachable(root, socket, failure))
      retry()
    }
  }

  function lost(ended: Session, error: unknown): void {
    if (closed || session !== ended) return
    session = undefined
    lostSocket = socketIdentity(socket)
    context.setSource('docker', whyUnreachable(root, socket, error))
    context.namespaces.rescan()
    retry()
  }

  /** The watch tells when a socket appears; a socket that refuses, or a folder that cannot be watched, is tried again. */
  function retry(): void {
    if (watcher && socketIdentity(socket) === undefined) return
    cancelRetry = context.scheduler.after(pause, () => void connect())
    pause = Math.min(pause * 2, longestPause)
  }

  /** With systemd's socket activation, connecting would start the dockerd that somebody has just stopped. */
  function mayConnect(): boolean {
    if (lostSocket === undefined || lostSocket !== socketIdentity(socket)) return true
    return findDockerd({ root, socket, isOurs }) !== undefined
  }

  const isOurs = (pid: number) => context.namespaces.ofProcess(pid) === context.vantage.rootNetns

  return {
    start: connect,
    async refresh(how) {
      if (session) await promptly(session.refresh(how))
      else await promptly(connect())
    },
    catchUp: (containers) => promptly(session ? session.catchUp(containers) : connect()),
    async close() {
      closed = true
      cancelRetry?.()
      watcher?.close()
      await session?.close()
      await attempt
    },
  }
}
