import type { Logger } from 'pino'
import type { HubLink } from './hubLink.ts'
import type { Scheduler } from './observe/contract.ts'
import type { SandboxHostRef } from './sandboxes.ts'
import { isGone, openVantage, type Vantage } from './vantage.ts'

export type Vantages = {
  /** These sandbox hosts are up now: observers are started and ended accordingly. */
  set(hosts: readonly SandboxHostRef[]): void
  close(): Promise<void>
}

type Running = { ref: SandboxHostRef; vantage?: Vantage; hostId?: string; closing: boolean; failures: number }

/** An observer that ends by itself is started again after this time, longer with every failure. */
const PAUSE = { first: 500, longest: 15_000 }

/** Keeps one observer per sandbox host, and tells the hub when a host ends. */
export function createVantages(
  link: Pick<HubLink, 'add' | 'send' | 'remove' | 'away'>,
  scheduler: Scheduler,
  log: Logger,
): Vantages {
  const running = new Map<string, Running>()
  const keyOf = ({ sandbox, host, initPid }: SandboxHostRef) => `${sandbox} ${host} ${initPid}`
  let closed = false

  const start = async (one: Running): Promise<void> => {
    if (one.closing) return
    try {
      one.vantage = await openVantage(one.ref, {
        log,
        onReady(feed) {
          one.failures = 0
          one.hostId = feed.hostId
          if (!one.closing) link.add(feed)
        },
        onMessage: link.send,
        onEnd: () => onEnd(one),
      })
      if (one.closing) await one.vantage.close()
    } catch (error) {
      if (!isGone(error)) log.error({ err: error, ...one.ref }, 'cannot observe a sandbox host')
      onEnd(one)
    }
  }

  const onEnd = (one: Running) => {
    one.vantage = undefined
    if (one.closing || closed) return
    if (one.hostId !== undefined) link.away(one.hostId)
    const pause = Math.min(PAUSE.first * 2 ** one.failures, PAUSE.longest)
    one.failures++
    scheduler.after(pause, () => void start(one))
  }

  const end = async (one: Running): Promise<void> => {
    one.closing = true
    await one.vantage?.close()
    if (one.hostId !== undefined) link.remove(one.hostId)
    one.hostId = undefined
  }

  return {
    set(hosts) {
      if (closed) return
      const wanted = new Map(hosts.map((ref) => [keyOf(ref), ref]))
      for (const [key, one] of running) {
        if (wanted.has(key)) continue
        running.delete(key)
        void end(one)
      }
      for (const [key, ref] of wanted) {
        if (running.has(key)) continue
        const one: Running = { ref, closing: false, failures: 0 }
        running.set(key, one)
        log.info(ref, 'observing a sandbox host')
        void start(one)
      }
    },
    async close() {
      closed = true
      await Promise.all([...running.values()].map(end))
      running.clear()
    },
  }
}
