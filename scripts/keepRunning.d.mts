import type { ChildProcess } from 'node:child_process'

export function keepRunning(options: {
  name: string
  argv: string[]
  cwd: string
  env: () => Record<string, string | undefined>
  stdout: 'pipe' | 'inherit' | 'ignore'
  /** Seconds; 0 for none. */
  watchdog: number
  onStart?: (child: ChildProcess) => void
  isFinal?: (code: number | null | undefined) => boolean
  giveUp: (why: string) => void
  say: (line: string) => void
}): { readonly pid: number | undefined; stop(): Promise<void>; kill(): void }
