import { type HostSnapshot, hostInfoSchema } from '@hopscope/model'
import { startObserver } from '../observer.ts'
import { findHost, runInside } from './vantage.ts'

/** What the options of every observing command say of where to look. */
export type VantageOptions = { vantage?: string; inside?: string }
type Observer = Awaited<ReturnType<typeof startObserver>>

/**
 * Runs `act` on this host. With --vantage, the same command runs again inside that sandbox host instead, with the same
 * standard streams, and its exit code is the result.
 */
export async function observing(
  options: VantageOptions,
  act: (observer: Observer) => Promise<number>,
): Promise<number> {
  if (options.vantage !== undefined) return again(options.vantage)
  const observer = await startObserver({ vantage: vantageOf(options.inside) })
  try {
    return await act(observer)
  } finally {
    await observer.close()
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
