import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { join } from 'node:path'
import { type DockerOptions, type EngineHome, startDockerd, stopDockerd } from './dockerd.ts'
import { type EnterOptions, enterArgv } from './enter.ts'
import { SandboxError } from './errors.ts'
import type { HostRecord } from './record.ts'
import { commandFailed, type RunOptions, type RunResult, run, toolEnvironment } from './run.ts'

export type ExecOptions = RunOptions & Pick<EnterOptions, 'cwd'>

/** A namespace set in which programs can be run: the outside, the fabric, or a host. */
export type SandboxPlace = {
  readonly initPid: number
  /** Runs a program inside, to its end; a code other than 0 is a result. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<RunResult>
  /** As `exec`, but gives the standard output and throws COMMAND_FAILED when the code is not 0. */
  run(argv: readonly string[], options?: ExecOptions): Promise<string>
  /** Starts a long-running program inside; it ends when this process or its handle's `kill` ends it. */
  spawn(argv: readonly string[], options?: SpawnOptions & Pick<EnterOptions, 'cwd'>): ChildProcess
  /** The argument array that runs a program inside, for callers with a spawn of their own. */
  enterArgv(argv: readonly string[], options?: EnterOptions): string[]
}

export type SandboxHost = SandboxPlace &
  Omit<HostRecord, 'initPid'> & {
    /** The docker command inside: its standard output, trimmed. Throws COMMAND_FAILED or DOCKER_UNAVAILABLE. */
    docker(...argv: string[]): Promise<string>
    /** Starts the engine where none runs, with these keys of daemon.json (those of the last start when left out). */
    startDocker(options?: DockerOptions): Promise<void>
    /** Stops the engine (containers too, unless "live-restore" is set) and starts it with the same or new options. */
    restartDocker(options?: DockerOptions): Promise<void>
    /** Kills dockerd alone with SIGKILL; containers go on. */
    killDocker(): Promise<void>
  }

export type HostContext = {
  stateFolder: string
  dataFolder: string
  cgroup: string
  rootless: boolean
  /** Why there is no Docker at all in this sandbox; null when there can be. */
  dockerUnavailable: string | null
}

/** Wraps an init process as a place to run programs in. */
export function placeOf(initPid: number, rootless: boolean): SandboxPlace {
  const place = { initPid, rootless }
  const exec = (argv: readonly string[], { cwd, ...options }: ExecOptions = {}) =>
    run(enterArgv(place, argv, { cwd, dieWithParent: options.timeoutMs !== undefined }), options)
  return {
    initPid,
    exec,
    async run(argv, options) {
      const result = await exec(argv, options)
      if (result.code !== 0) throw commandFailed(argv, result)
      return result.stdout
    },
    spawn(argv, { cwd, ...options } = {}) {
      const [program = '', ...rest] = enterArgv(place, argv, { cwd, dieWithParent: true })
      return spawn(program, rest, { env: toolEnvironment(), ...options })
    },
    enterArgv: (argv, options) => enterArgv(place, argv, options),
  }
}

/** Wraps the record of a host. */
export function hostOf(record: HostRecord, context: HostContext): SandboxHost {
  const place = placeOf(record.initPid, context.rootless)
  const { dockerUnavailable, ...folders } = context
  const home: EngineHome = { ...record, ...folders, dataFolder: join(context.dataFolder, record.name) }
  let current: DockerOptions = record.dockerOptions ?? {}
  const start = async (options: DockerOptions = current) => {
    assertDocker(record.name, dockerUnavailable)
    current = options
    await startDockerd(home, options)
  }
  return {
    ...record,
    ...place,
    async docker(...argv) {
      assertDocker(record.name, dockerUnavailable)
      return (await place.run(['docker', ...argv])).trim()
    },
    startDocker: start,
    async restartDocker(options) {
      await stopDockerd(home, 'TERM')
      await start(options)
    },
    async killDocker() {
      await stopDockerd(home, 'KILL')
    },
  }
}

function assertDocker(host: string, unavailable: string | null): void {
  if (unavailable === null) return
  throw new SandboxError('DOCKER_UNAVAILABLE', { doing: 'use Docker in', subject: host, because: unavailable })
}
