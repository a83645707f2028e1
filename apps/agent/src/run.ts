import { spawn } from 'node:child_process'
import { errnoOf } from './observe/processes.ts'

/** How a program ended; `missing`: it is not installed. */
export type RunResult = { kind: 'ended'; code: number; stdout: string; stderr: string } | { kind: 'missing' }

/** A program has so many milliseconds. */
export const TIMEOUT = 20_000
/** The code of one that had not ended by then. */
export const TIMED_OUT = 124
const running = new Set<number>()

/** True for a program that this process started and that has not ended: observers leave it out of what they show. */
export const isOwnChild = (pid: number): boolean => running.has(pid)

/** Keeps a child out of what observers show until it ends; gives its pid back for convenience. */
export function ownChild(pid: number | undefined): { ended(): void } {
  if (pid !== undefined) running.add(pid)
  return { ended: () => void (pid !== undefined && running.delete(pid)) }
}

/** Runs a program to its end, never over a shell. A code other than 0 is a result; 124 is a timeout after 20 s. */
export function run(argv: readonly string[]): Promise<RunResult> {
  const [program = '', ...args] = argv
  const path = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`
  const env = { PATH: path, LC_ALL: 'C' }
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const own = ownChild(child.pid)
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    child.kill('SIGKILL')
  }, TIMEOUT)
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer)
      own.ended()
    }
    child.once('error', (error) => {
      done()
      if (errnoOf(error) === 'ENOENT') resolve({ kind: 'missing' })
      else reject(error)
    })
    child.once('close', (code) => {
      done()
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8')
      resolve({ kind: 'ended', code: timedOut ? TIMED_OUT : (code ?? 137), stdout: text(out), stderr: text(err) })
    })
  })
}

/** Runs a program in a network namespace. Same as "nsenter --net=PATH PROGRAM"; code 127 of nsenter means not installed. */
export async function runInNetns(path: string, argv: readonly string[]): Promise<RunResult> {
  const result = await run(['nsenter', `--net=${path}`, '--', ...argv])
  return result.kind === 'ended' && result.code === 127 ? { kind: 'missing' } : result
}
