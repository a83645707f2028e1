import { lineOf, type Publication, type Repairs, repairPorts, sayRefusal } from '@hopscope/command'
import type { RecordKind } from '@hopscope/model'
import type { Logger } from 'pino'
import type { Cancel, Scheduler } from '../observe/contract.ts'
import type { RunningObserver } from '../observer.ts'
import type { Actor } from './acting.ts'
import type { Executor } from './executor.ts'
import type { KeptPorts } from './keptPorts.ts'

type Parts = {
  host: Pick<RunningObserver, 'snapshot' | 'store' | 'quiet'>
  executor: Pick<Executor, 'inTurn'>
  ports: KeptPorts
  log: Logger
  scheduler: Scheduler
  /** False while root lets nothing be changed. */
  isAllowed: () => boolean
}

/** What decides over the rules of a published port; connections and neighbours come and go all the time. */
const KINDS: readonly RecordKind[] = [
  ...(['container', 'dockerNetwork', 'dockerEngine', 'fwTable', 'fwChain', 'fwRule'] as const),
  ...(['link', 'address', 'route', 'sysctl', 'socket'] as const),
]
/** What changes together is looked at together. */
const SETTLE = 100
/** So many repairs at once, and one more after each rest: whoever takes our rules away again and again is not fought. */
const MOST = 20
const REST = 5_000
const RETRY = 30_000

/**
 * Keeps the ports published that are to be: puts their rules back after a restart, a reboot or a flush, changes them with the
 * container's address, and removes them with the container. Looks when something has changed, and once at the start.
 */
export function keepPorts({ host, executor, ports, log, scheduler, isAllowed }: Parts): { close(): void } {
  let due: Cancel | undefined
  let working = false
  let again = false
  let closed = false
  let tokens = MOST
  let counted = performance.now()
  let waiting = ''

  /** Milliseconds until the next repair may be made. */
  const pause = (): number => {
    const now = performance.now()
    tokens = Math.min(MOST, tokens + (now - counted) / REST)
    counted = now
    return tokens >= 1 ? SETTLE : Math.ceil((1 - tokens) * REST)
  }
  const look = (after = pause()) => {
    if (closed) return
    if (working) again = true
    else due ??= scheduler.after(after, () => void work())
  }
  async function work(): Promise<void> {
    due = undefined
    working = true
    try {
      const kept = ports.all()
      if (kept.length > 0 && isAllowed() && needsWork(repairPorts(host.snapshot(), kept))) {
        tokens -= 1
        const failed = await executor.inTurn(repair)
        if (failed) scheduler.after(RETRY, () => look())
      }
    } catch (error) {
      log.error({ err: error }, 'published ports cannot be looked after')
    }
    working = false
    if (again) look()
    again = false
  }

  /** With everything known anew, for what was seen may be late; true when something did not work. */
  async function repair(act: Actor): Promise<boolean> {
    await host.quiet()
    const found = repairPorts(host.snapshot(), ports.all())
    if ('refused' in found) {
      log.warn({ why: sayRefusal(found.refused) }, 'published ports cannot be put back')
      return true
    }
    tellWaiting(found)
    for (const one of found.acts) {
      const failure = await act(one)
      if (failure === undefined) continue
      log.error({ command: lineOf(host.snapshot(), one), failure }, 'a published port cannot be put back')
      return true
    }
    for (const forget of found.gone) await act({ forget })
    for (const keep of found.renamed) await act({ keep })
    const commands = found.acts.map((one) => lineOf(host.snapshot(), one))
    if (commands.length > 0) log.info({ commands, gone: found.gone.map(textOf) }, 'published ports were put right')
    return false
  }

  function tellWaiting({ taken }: Repairs): void {
    const text = taken.map(({ port, by }) => `${textOf(port)} (${by})`).join(', ')
    if (text !== '' && text !== waiting) log.warn({ ports: text }, 'published ports wait, for others have them now')
    waiting = text
  }

  const stop = host.store.subscribe(({ diff }) => {
    if (KINDS.some((kind) => diff[kind] !== undefined)) look()
  })
  look()
  return {
    close() {
      closed = true
      stop()
      due?.()
    },
  }
}

const needsWork = (found: ReturnType<typeof repairPorts>): boolean =>
  'refused' in found || found.acts.length + found.gone.length + found.renamed.length > 0

const textOf = ({ container, from, protocol }: Publication): string => `${container} ${from}/${protocol}`
