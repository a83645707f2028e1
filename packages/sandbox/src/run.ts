import { type ChildProcess, spawn } from 'node:child_process'
import { errnoOf, SandboxError } from './errors.ts'

export type RunResult = { stdout: string; stderr: string; code: number }
export type RunOptions = {
  /** Text or bytes for the program's standard input, which is empty otherwise. */
  input?: string | Buffer
  /** The program is killed after this many milliseconds; its code is then 124, as with "timeout". */
  timeoutMs?: number
  env?: Record<string, string | undefined>
}

/** Runs a program to its end; a code other than 0 is a result, not an error. Throws TOOL_MISSING when it is not installed. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program = '', ...rest] = argv
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: options.env ?? toolEnvironment() })
  return collect(child, program, options)
}

/** Runs a program and gives its standard output; throws COMMAND_FAILED with what it said when the code is not 0. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(argv, options)
  if (result.code === 0) return result.stdout
  throw commandFailed(argv, result)
}

/** The error for a program that ended with a code other than 0. */
export function commandFailed(argv: readonly string[], result: RunResult): SandboxError {
  const said = (result.stderr.trim() || result.stdout.trim() || 'no message').slice(-2000)
  return new SandboxError('COMMAND_FAILED', {
    doing: 'run',
    subject: argv.join(' '),
    because: `code ${result.code}: ${said}`,
  })
}

/**
 * The environment for programs that we start: ours, with the system folders on the PATH, and without the variables by
 * which somebody pointed the docker command at another engine.
 */
export function toolEnvironment(): Record<string, string | undefined> {
  const { DOCKER_HOST: _host, DOCKER_CONTEXT: _context, DOCKER_TLS_VERIFY: _tls, ...env } = process.env
  return { ...env, PATH: `${env.PATH ?? ''}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin` }
}

function collect(child: ChildProcess, program: string, options: RunOptions): Promise<RunResult> {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A program that ends before it read all of its input closes the pipe; its code tells what happened.
  child.stdin?.on('error', (error) => stderr.push(Buffer.from(errnoOf(error) === 'EPIPE' ? '' : String(error))))
  child.stdin?.end(options.input)
  let timedOut = false
  const stop = () => {
    timedOut = true
    child.kill('SIGKILL')
  }
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(stop, options.timeoutMs)
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      clearTimeout(timer)
      const missing = errnoOf(cause) === 'ENOENT'
      const because = missing ? `${program} is not installed` : cause.message
      reject(
        new SandboxError(missing ? 'TOOL_MISSING' : 'COMMAND_FAILED', {
          doing: 'start',
          subject: program,
          because,
          cause,
        }),
      )
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8')
      resolve({ stdout: text(stdout), stderr: text(stderr), code: timedOut ? 124 : (code ?? 137) })
    })
  })
}
