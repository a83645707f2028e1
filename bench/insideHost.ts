import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createSandbox, type SandboxHost, type SandboxOptions } from '@hopscope/sandbox'
import { build } from 'esbuild'

/** Makes a sandbox with one host for the time of `act`; it is taken down also when that fails. */
export async function withHost<T>(
  options: Omit<SandboxOptions, 'hosts'>,
  act: (host: SandboxHost) => Promise<T>,
): Promise<T> {
  const sandbox = await createSandbox({ ...options, hosts: 1 })
  try {
    const [host] = sandbox.hosts
    if (host === undefined) throw new Error('a sandbox has a host')
    return await act(host)
  } finally {
    await sandbox.down()
  }
}

/** Starts containers that do nothing but sleep, a few at a time. Same as "docker run -d busybox sleep 86400". */
export async function startContainers(host: SandboxHost, count: number): Promise<void> {
  const AT_ONCE = 5
  for (let first = 0; first < count; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => `c${first + i + 1}`)
    await Promise.all(some.map((name) => host.docker('run', '-d', '--name', name, 'busybox', 'sleep', '86400')))
  }
}

/** A program of ours that runs inside a host and answers a line of JSON to every line. */
export type InsideProgram = {
  /** Pid as this process sees it. */
  readonly pid: number
  ask<T>(request: string): Promise<T>
  close(): Promise<void>
}

/** Bundles one of `bench/inside` as the agent itself is bundled, and starts it inside a host; `way`: the words that lead on from there. */
export async function startInside(
  host: SandboxHost,
  name: string,
  args: readonly string[] = [],
  way: readonly string[] = [],
): Promise<InsideProgram> {
  const script = await bundle(name)
  const child = host.spawn([...way, process.execPath, script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new Error('it was started with pipes')
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${name} ended`)
    return JSON.parse(value)
  }
  // Its first line tells that it is ready.
  await next()
  return {
    pid: await pidWithin(child, host),
    async ask(request) {
      stdin.write(`${request}\n`)
      return next()
    },
    async close() {
      const exit = once(child, 'exit')
      stdin.end()
      await exit
      rmSync(join(script, '..'), { recursive: true })
    },
  }
}

/** The pid, as this process sees it, of a program that was started inside: nsenter is its parent. */
export async function pidWithin(child: ChildProcess, host: SandboxHost): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const [own] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')
    if (own) return Number(own)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`nothing was started in ${host.name}`)
}

async function bundle(name: string): Promise<string> {
  // Below the project, so that packages of npm are found.
  const results = fileURLToPath(new URL('./results/', import.meta.url))
  mkdirSync(results, { recursive: true })
  const folder = mkdtempSync(join(results, 'inside-'))
  const outfile = join(folder, `${name}.mjs`)
  await build({
    entryPoints: [fileURLToPath(new URL(`./inside/${name}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    logLevel: 'warning',
    plugins: [
      {
        name: 'npm-outside',
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === 'entry-point' || path.startsWith('@hopscope/') ? undefined : { path, external: true },
          )
        },
      },
    ],
  })
  return outfile
}
