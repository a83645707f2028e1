import { type HostSnapshot, hostInfoSchema } from '@hopscope/model'
import { readConfig } from '../config.ts'
import { startObserver } from '../observer.ts'
import { watchSandboxes } from '../sandboxes.ts'
import { systemScheduler } from '../scheduler.ts'
import { findHost, runInside } from './vantage.ts'

/** What the options of every observing command say of where to look. */
export type VantageOptions = { vantage?: string; inside?: string }
export type Observer = Awaited<ReturnType<typeof startObserver>>

/**
 * Runs `act` on this host. With --vantage, the same command runs again inside that sandbox host instead, with the same
 * standard streams, and its exit code is the result.
 */
export async function observing(
  options: VantageOptions,
  act: (observer: Observer) => Promise<number>,
): Promise<number> {
  if (options.vantage !== undefined) return again(options.vantage)
  // Sandboxes are hosts of their own: what runs in them is left out of the machine's picture.
  const sandboxes = options.inside === undefined ? watchSandboxes(systemScheduler, () => undefined) : undefined
  await sandboxes?.look()
  const here = sandboxes && { foreign: sandboxes.foreign, dockerSocket: readConfig().dockerSocket }
  const observer = await startObserver({ vantage: vantageOf(options.inside), ...here })
  try {
    return await act(observer)
  } finally {
    await observer.close()
    sandboxes?.close()
  }
}

/** One snapshot, taken when nothing is left to read. */
export async function settledSnapshot(observer: Observer): Promise<HostSnapshot> {
  await observer.quiet()
  return observer.snapshot()
}

async function again(name: string): Promise<number> {
  const { sandbox, rootless, host } = await findHost(name)
  const inside = JSON.stringify({ kind: 'sandbox', sandbox, rootless })
  const [script = '', ...argv] = process.argv.slice(1)
  const program = [process.execPath, ...process.execArgv, script, ...withoutVantage(argv), '--inside', inside]
  return runInside(host, { argv: program, cwd: process.cwd() })
}

/** The arguments as typed, but for --vantage: that place has been reached. */
export function withoutVantage(argv: readonly string[]): string[] {
  return argv.filter((word, i) => word !== '--vantage' && argv[i - 1] !== '--vantage' && !word.startsWith('--vantage='))
}

function vantageOf(inside: string | undefined): HostSnapshot['host']['vantage'] {
  return inside === undefined ? { kind: 'host' } : hostInfoSchema.shape.vantage.parse(JSON.parse(inside))
}
