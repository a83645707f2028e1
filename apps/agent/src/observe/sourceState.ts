import type { SourceName, UnavailableReason } from '@hopscope/model'
import { NetlinkError } from '@hopscope/netlink'
import type { ObserverContext, SourceState } from './contract.ts'
import { errnoOf } from './processes.ts'

/** Keeps count of what could not be read where, and says so in the sources' records. */
export type SourceStates<Name extends SourceName> = {
  /** Runs `act`; what the kernel refuses is kept as the source's state for that namespace. Other errors pass. */
  guard<T>(netns: string, name: Name, act: () => T, onError?: (error: unknown) => void): T | undefined
  /** Notes a failure (or, without one, that all is well) of a source in a namespace. */
  note(netns: string, name: Name, failure?: Failure): void
  forget(netns: string): void
  /** States every source, also those that nothing happened to. */
  report(): void
}
/** `partial`: the records are there, and something about them is missing. */
export type Failure = { reason: UnavailableReason; detail: string; partial?: true }

export function createSourceState<Name extends SourceName>(
  context: Pick<ObserverContext, 'setSource' | 'vantage'>,
  names: readonly Name[],
): SourceStates<Name> {
  const failures = new Map<Name, Map<string, Failure>>(names.map((name) => [name, new Map()]))

  const state = (name: Name) => context.setSource(name, stateOf(failures.get(name), context.vantage.rootNetns))
  const note = (netns: string, name: Name, failure: Failure | undefined) => {
    const mine = failures.get(name)
    const known = mine?.get(netns)
    if (known?.detail === failure?.detail) return
    if (failure) mine?.set(netns, failure)
    else mine?.delete(netns)
    state(name)
  }
  return {
    guard(netns, name, act, onError) {
      try {
        const result = act()
        note(netns, name, undefined)
        return result
      } catch (error) {
        onError?.(error)
        note(netns, name, failureOf(error))
        return undefined
      }
    },
    note,
    forget(netns) {
      for (const name of names) note(netns, name, undefined)
    },
    report() {
      for (const name of names) state(name)
    },
  }
}

/** What the kernel's refusal means to a reader; throws what is not a refusal. */
export function failureOf(error: unknown): Failure {
  const code = error instanceof NetlinkError ? error.code : errnoOf(error)
  if (code === undefined || !(error instanceof Error)) throw error
  const reason = REASONS[code] ?? 'FAILED'
  const needs = reason === 'NOT_ROOT' ? `: needs ${capabilityFor(error)}` : ''
  return { reason, detail: error.message + needs }
}

/** What a program that we started said when it failed; nsenter, which starts it, may be the one that may not. */
export function failureOfProgram(program: string, stderr: string): Failure {
  const line = stderr.trim().split('\n')[0] ?? ''
  if (!/not permitted|denied/i.test(line)) return { reason: 'FAILED', detail: `${program}: ${line}` }
  const capability = line.startsWith('nsenter') ? 'CAP_SYS_ADMIN' : 'CAP_NET_ADMIN'
  return { reason: 'NOT_ROOT', detail: `${program}: ${line}: needs ${capability}` }
}

/** The kernel says no without a word on what it wanted; that follows from what was tried. */
function capabilityFor(error: Error): string {
  if (error.message.startsWith('enter network namespace')) return 'CAP_SYS_ADMIN'
  return error instanceof NetlinkError ? 'CAP_NET_ADMIN' : 'CAP_SYS_PTRACE'
}

const REASONS: Record<string, UnavailableReason> = {
  EPERM: 'NOT_ROOT',
  EACCES: 'NOT_ROOT', // files of the kernel's that only root may read
  EPROTONOSUPPORT: 'NOT_IN_KERNEL',
  EOPNOTSUPP: 'NOT_IN_KERNEL',
  EAFNOSUPPORT: 'NOT_IN_KERNEL',
  ENOPROTOOPT: 'NOT_IN_KERNEL',
  ENOENT: 'NOT_INSTALLED',
}

function stateOf(failures: ReadonlyMap<string, Failure> | undefined, rootNetns: string): SourceState {
  const [first] = failures?.values() ?? []
  if (failures === undefined || first === undefined) return { state: 'ok' }
  const root = failures.get(rootNetns)
  if (root && !root.partial) return { state: 'unavailable', ...root }
  const others = failures.size > 1 ? ` (and in ${failures.size - 1} more namespaces)` : ''
  return { state: 'partial', reason: first.reason, detail: `${first.detail}${others}` }
}
