import { execFileSync, spawnSync } from 'node:child_process'

let made = 0

/** A network namespace of a test's own. `run` runs a program inside of it, `json` parses its output. */
export type TestNetns = {
  name: string
  path: string
  run: (...argv: string[]) => string
  ip: (...args: string[]) => void
  json: <T = Record<string, unknown>>(...argv: string[]) => T[]
  feed: (input: string, ...argv: string[]) => string
  /** Like `feed`, for input of which the program may refuse a part. */
  attempt: (input: string, ...argv: string[]) => void
  remove: () => void
}

export function makeNetns(): TestNetns {
  const name = `hopnl-${process.pid}-${++made}`
  const path = `/run/netns/${name}`
  execFileSync('ip', ['netns', 'add', name])
  const exec = (argv: string[], input?: string) =>
    execFileSync('nsenter', [`--net=${path}`, ...argv], { encoding: 'utf8', input, timeout: 15_000, stdio: 'pipe' })
  let there = true
  return {
    name,
    path,
    run: (...argv) => exec(argv),
    ip: (...args) => void exec(['ip', ...args]),
    // The programs' output is what the tests compare with: its shape is theirs to state.
    json: <T>(...argv: string[]) => JSON.parse(exec(argv) || '[]') as T[],
    feed: (input, ...argv) => exec(argv, input),
    attempt: (input, ...argv) => void spawnSync('nsenter', [`--net=${path}`, ...argv], { input, timeout: 15_000 }),
    remove: () => {
      if (there) execFileSync('ip', ['netns', 'del', name])
      there = false
    },
  }
}

/** Kernel tests need root; without it vitest reports them as skipped. */
export const withoutRoot = process.getuid?.() !== 0
