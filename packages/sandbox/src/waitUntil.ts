import { setTimeout as pause } from 'node:timers/promises'

/**
 * Looks again and again, with a short growing pause, until `look` gives something; undefined when the time is over.
 * For states of the kernel that announce themselves to nobody: a process gone, a socket file that appears.
 */
export async function waitUntil<T>(look: () => Promise<T | undefined> | T | undefined, limitMs: number) {
  const deadline = performance.now() + limitMs
  for (let wait = 2; ; wait = Math.min(wait * 1.5, 50)) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) return undefined
    await pause(wait)
  }
}
