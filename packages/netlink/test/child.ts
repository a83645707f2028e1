import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestNetns } from './netns.ts'

/** Runs a Node script inside the namespace until `stop`; resolves when the script has printed its first line. */
export async function startInNetns(netns: TestNetns, script: string): Promise<{ stop: () => Promise<void> }> {
  const child: ChildProcess = spawn('nsenter', [`--net=${netns.path}`, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  // stdout is a pipe by the options above.
  const output = child.stdout as NonNullable<typeof child.stdout>
  await Promise.race([
    once(output, 'data'),
    ended.then(([code]) => Promise.reject(new Error(`the script ended with ${code} before it was ready`))),
  ])
  return {
    stop: async () => {
      child.kill()
      await ended
    },
  }
}
