import type { SandboxHost } from '@hopscope/sandbox'
import { expect, vi } from 'vitest'
import { HOST } from './cases.ts'
import { withoutChecks } from './written.ts'

/** Makes on a fresh host what the cases are about, and waits until the kernel has come to rest. */
export async function prepare(host: SandboxHost): Promise<void> {
  await withoutChecks(host)
  await host.run(['ip', '-batch', '-'], { input: lines(HOST.namespaces) })
  for (const name of ['blue', 'green', 'busy']) await withoutChecks(host, name)
  await host.run(['ip', '-batch', '-'], { input: lines(HOST.root) })
  await host.run(['ip', '-n', 'blue', '-batch', '-'], { input: lines(HOST.blue) })
  await host.run(['bridge', '-batch', '-'], { input: lines(HOST.fdb) })
  host.spawn(['ip', 'netns', 'exec', 'busy', 'sleep', 'infinity'], { stdio: 'ignore' }).unref()
  // The host's own card was up before.
  const tentative = () => host.run(['ip', '-6', 'address', 'show', 'tentative'])
  await vi.waitFor(async () => expect(await tentative()).toBe(''), { timeout: 20_000, interval: 200 })
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('')
