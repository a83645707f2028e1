import { join } from 'node:path'
import type { Reason, Way } from '@hopscope/command'
import type { Change, ChangeAnswer, ChangeRequest } from '@hopscope/protocol'
import type { Logger } from 'pino'
import { errnoOf } from '../observe/processes.ts'
import type { RunningObserver } from '../observer.ts'
import { systemScheduler } from '../scheduler.ts'
import { createExecutor, type Executor } from './executor.ts'
import { keepPorts } from './keepPorts.ts'
import { type KeptPorts, openKeptPorts } from './keptPorts.ts'
import { readPolicy, whyForbidden } from './policy.ts'
import { startOf } from './runner.ts'

/** What the hub may ask of a host that is observed. */
export type Changing = {
  change(request: ChangeRequest): Promise<ChangeAnswer>
  /** Newest first. */
  history(): Promise<Change[]>
}

/** The same where the host is observed: it also tells how changes get on. */
export type OwnChanging = Changing & Pick<Executor, 'onProgress'> & { close(): void }

/** A host that is only looked at. */
export const unchangeable: OwnChanging = {
  change: async () => denied({ code: 'OBSERVED_ONLY', params: {} }),
  history: async () => [],
  onProgress: () => () => undefined,
  close: () => undefined,
}

type Host = Pick<RunningObserver, 'host' | 'snapshot' | 'caughtUp'>

type Surroundings = {
  /** Of the journals. */
  folder: string
  log: Logger
  /** Root's word on what others may change on the host itself, read at every request; a sandbox host needs none. */
  policyFile?: string
  /** The connection to the hub, as it was last. */
  hubWay?: () => Way | undefined
}

/** Changes a host for the hub: always a sandbox host; the machine itself once root has allowed it. Undoes at once what a crash left. */
export async function openChanging(
  host: Host & Pick<RunningObserver, 'store' | 'quiet'>,
  { folder, log, policyFile: file = '', hubWay = () => undefined }: Surroundings,
): Promise<OwnChanging> {
  const executor = executorIfWritable(host, folder)
  if ('code' in executor) return { ...unchangeable, change: async () => denied(executor) }
  await executor.recover()
  const isSandbox = host.host.vantage.kind === 'sandbox'
  const forbidden = (request: ChangeRequest): Reason | undefined => {
    const read = readPolicy(file)
    if ('reason' in read) return read.reason
    const { role } = request
    // Whoever may not do a thing may not undo it either.
    const command = request.kind === 'run' ? request.command : executor.commandOf(request.id)
    return command && whyForbidden(read.policy, { file, role, command, snapshot: host.snapshot() })
  }
  const ports = keptPortsOf(host, folder)
  const isAllowed = (): boolean => {
    const read = isSandbox || readPolicy(file)
    return read === true || ('policy' in read && read.policy.changes === 'on')
  }
  const keeper = keepPorts({ host, executor, ports, log, scheduler: systemScheduler, isAllowed })
  return {
    async change(request) {
      const why = isSandbox ? undefined : forbidden(request)
      if (why !== undefined) return denied(why)
      switch (request.kind) {
        case 'undo':
          return executor.undo(request.id, request.by)
        case 'keep':
          return executor.keep(request.id)
        case 'run': {
          const { command, by, role, shown, confirm, revertAfter, viewers = [] } = request
          const hub = hubWay()
          const ways: Way[] = [...(hub ? [hub] : []), ...viewers.map((remote) => ({ to: 'viewer' as const, remote }))]
          const agreed = { shown, role, confirm }
          // A sandbox host's own network carries neither.
          return executor.run(command, by, { agreed, revertAfter, ways: isSandbox ? [] : ways })
        }
      }
    },
    history: async () => executor.history(),
    onProgress: executor.onProgress,
    close: keeper.close,
  }
}

/** Without a journal nothing may be changed; the host is looked at all the same. */
function executorIfWritable(host: Host, folder: string): Executor | Reason {
  try {
    return executorOf(host, folder)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined || !['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST'].includes(errno)) throw error
    return { code: 'JOURNAL_UNWRITABLE', params: { folder, errno } }
  }
}

/** The executor of a host, with its journal: one for each life of the host, for what ended with the last one needs no undo. */
export function executorOf(host: Host, folder: string): Executor {
  const { bootId, rootNetns } = host.host
  // The kernel gives a namespace's number out again; the first process of a sandbox that was made later started later.
  const life = `${bootId}-${rootNetns}-${startOf(1)}`.replaceAll(/[^\w-]/g, '-')
  return createExecutor({ host, folder: join(folderOf(host, folder), life), ports: keptPortsOf(host, folder) })
}

/** Published ports outlive the host's life: after a reboot only the agent is there to put them back. */
const keptPortsOf = (host: Host, folder: string): KeptPorts => openKeptPorts(join(folderOf(host, folder), 'ports'))
const folderOf = ({ host }: Host, folder: string): string => join(folder, encodeURIComponent(host.id))

const denied = (reason: Reason): ChangeAnswer => ({ kind: 'denied', reason })
