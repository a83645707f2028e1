import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Observation, type Observed, observe } from '../oracle/observed.ts'
import { settle } from '../oracle/settle.ts'
import { namespacesIn } from '../oracle/truth.ts'

const VETHS = 500
const NAMESPACES = 1_000
const NO_GHOSTS_AFTER = 20_000
const MB = 1 << 20

describe.skipIf(process.getuid?.() !== 0)('bursts', () => {
  let sandbox: Sandbox
  let host: SandboxHost
  beforeAll(async () => {
    sandbox = await createSandbox({ name: 'conv-bursts', docker: false })
    const [first] = sandbox.hosts
    if (!first) throw new Error('the sandbox has no host')
    host = first
    // Address checks would go on for seconds after the last command.
    for (const which of ['all', 'default'])
      await host.run(['busybox', 'sysctl', '-w', `net.ipv6.conf.${which}.disable_ipv6=1`])
  })
  afterAll(async () => {
    await sandbox?.down()
  })

  it(`what ${VETHS} veths announce to a buffer of 4 kB is lost, counted, and read once`, {
    timeout: 120_000,
  }, async () => {
    const observer = await observe(host, 4_096)
    const before = await observer.look()
    const began = performance.now()
    await batch(host, veths())
    const { seen, diff, tookMs } = await settle(host, observer)
    const elapsed = performance.now() - began
    const { losses = 0, redumps = 0 } = seen.stats
    console.log(
      `losses: ${losses} of ${(seen.stats.heard ?? 0) + losses} or more, ${redumps - (before.stats.redumps ?? 0)} readings of everything in ${Math.round(elapsed)} ms, equal to the kernel after ${Math.round(tookMs)} ms, the reading of the truth included`,
    )
    expect(losses, 'nothing was lost: the test shows nothing').toBeGreaterThan(0)
    expect(diff).toEqual([])
    // A second one, ten seconds after the first, where the commands alone take that long.
    expect(redumps - (before.stats.redumps ?? 0)).toBeLessThanOrEqual(1 + Math.floor(elapsed / 10_000))
    await observer.close()
  })

  it(`${NAMESPACES} namespaces that come and go leave nothing behind`, { timeout: 240_000 }, async () => {
    const observer = await observe(host)
    const before = await observer.memory()
    const heaps: number[] = []
    let longest = 0
    for (let round = 0; round < 3; round++) {
      await batch(
        host,
        all((n) => `netns add burst${n}`),
      )
      await batch(
        host,
        all((n) => `netns del burst${n}`),
      )
      const { seen, tookMs } = await publishedAfter(observer, NO_GHOSTS_AFTER, (now) => inodes(now) === inodes(before))
      longest = Math.max(longest, tookMs)
      expect(inodes(seen)).toEqual([...namespacesIn(host).keys()].map(Number).sort().join())
      const { stats, descriptors, pinned } = await observer.memory()
      expect(Math.abs(descriptors - before.descriptors)).toBeLessThanOrEqual(5)
      expect(pinned).toEqual([])
      heaps.push(stats.heap ?? 0)
    }
    const after = await observer.memory()
    console.log(
      `namespaces: gone from the map ${Math.round(longest)} ms after the kernel at most; descriptors ${before.descriptors} → ${after.descriptors}; heap ${inMb(before.stats.heap)} → ${heaps.map(inMb).join(', ')} MB, resident ${inMb(before.stats.resident)} → ${inMb(after.stats.resident)} MB`,
    )
    expect((heaps.at(-1) ?? 0) - (heaps[0] ?? 0)).toBeLessThan(10 * MB)
    expect((heaps.at(-1) ?? 0) - (before.stats.heap ?? 0)).toBeLessThan(30 * MB)
    await observer.close()
  })
})

const all = (make: (n: number) => string) => Array.from({ length: NAMESPACES }, (_, n) => make(n))
const inMb = (bytes = 0) => Math.round(bytes / MB)
const inodes = ({ snapshot }: Observed) =>
  Object.values(snapshot.records.netns)
    .map(({ inode }) => inode)
    .sort()
    .join()

/** Pairs that come, get addresses and become ports of a bridge; most of them go again, with the namespace of their ends. */
function veths(): string[] {
  const each = (make: (n: number) => string) => Array.from({ length: VETHS }, (_, n) => make(n))
  return [
    'link add br0 type bridge',
    'netns add goes',
    'netns add stays',
    ...each((n) => `link add v${n} type veth peer name w${n} netns ${n % 5 ? 'goes' : 'stays'}`),
    ...each((n) => `link set v${n} ${n % 2 ? 'up' : 'master br0'}`),
    ...each((n) => `address add 10.${n >> 8}.${n & 255}.1/24 dev v${n}`),
    ...each((n) => `link del v${n}`).slice(0, 10),
    'netns del goes',
  ]
}

async function batch(host: SandboxHost, commands: string[]): Promise<void> {
  await host.run(['ip', '-batch', '-'], { input: `${commands.join('\n')}\n`, timeoutMs: 120_000 })
}

/** What is published as soon as it is as wanted, or when the time is over; and how long that took. */
async function publishedAfter(
  observer: Observation,
  limit: number,
  enough: (seen: Observed) => boolean,
): Promise<{ seen: Observed; tookMs: number }> {
  const began = performance.now()
  let seen = await observer.look()
  for (;;) {
    const tookMs = performance.now() - began
    if (tookMs >= limit || enough(seen)) return { seen, tookMs }
    seen = await observer.look({ than: seen.revision, withinMs: limit - tookMs })
  }
}
