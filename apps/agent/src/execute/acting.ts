import { closeSync, constants, openSync, writeFileSync } from 'node:fs'
import {
  type Act,
  argvOf,
  failureOf,
  isSoAlready,
  type Program,
  type Publication,
  type Reason,
  withdrawPort,
} from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import { errnoOf } from '../observe/processes.ts'
import { type RunResult, TIMED_OUT, TIMEOUT } from '../run.ts'
import type { KeptPorts } from './keptPorts.ts'

/** Does one act; gives the reason of a failure, undefined when it is done. */
export type Actor = (act: Act) => Promise<Reason | undefined>

type Parts = {
  snapshot(): HostSnapshot
  runProgram: (argv: readonly string[]) => Promise<RunResult>
  ports: KeptPorts
}

/** Does acts on a host: runs programs in its namespaces, and writes down which ports are to stay published. */
export function createActor({ snapshot, runProgram, ports }: Parts): Actor {
  const act: Actor = async (act) => {
    if ('keep' in act) return written(() => ports.keep(act.keep))
    if ('forget' in act) return written(() => ports.forget(act.forget))
    if ('withdraw' in act) return withdraw(act.withdraw)
    if (act.ifEmpty && !(await isEmptyChain({ ...act, argv: act.ifEmpty }))) return undefined
    const failure = await whyFailed(act)
    return failure && act.mayBeGone && isSoAlready(failure) ? undefined : failure
  }
  return act

  async function whyFailed(program: Program): Promise<Reason | undefined> {
    const argv = argvOf(snapshot(), program)
    if (argv === undefined) return { code: 'NOTHING_LEADS_THERE', params: { netns: program.place } }
    const result = await runProgram(argv)
    if (result.kind === 'missing') return failureOf(argv[0] ?? '', result)
    if (result.code === 0) return program.into === undefined ? undefined : fill(program.into, result.stdout)
    const late = { kind: 'late', seconds: TIMEOUT / 1000 } as const
    return failureOf(program.argv[0] ?? '', result.code === TIMED_OUT ? late : result)
  }

  async function withdraw(port: Publication): Promise<Reason | undefined> {
    const failure = written(() => ports.forget(port))
    if (failure) return failure
    for (const one of withdrawPort(snapshot(), port)) {
      const why = await act(one)
      if (why) return why
    }
    return undefined
  }

  /** A chain that is listed, and has no rule. */
  async function isEmptyChain(list: Program): Promise<boolean> {
    const argv = argvOf(snapshot(), list)
    const result = argv && (await runProgram(argv))
    return result?.kind === 'ended' && result.code === 0 && !/^-A /m.test(result.stdout)
  }
}

/** A disk that is full or cannot be written is a reason, and nothing that ends the agent. */
function written(write: () => void): Reason | undefined {
  try {
    write()
    return undefined
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return { code: 'PORT_NOT_WRITTEN', params: {}, detail: String(error) }
  }
}

/** Writes into a file that an earlier step has made, and into nothing that somebody put in its place. */
function fill(path: string, text: string): Reason | undefined {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW)
    try {
      writeFileSync(fd, text)
    } finally {
      closeSync(fd)
    }
    return undefined
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return { code: 'FILE_NOT_WRITTEN', params: { file: path }, detail: String(error) }
  }
}
