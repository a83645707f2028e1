import type { SandboxHost } from '@hopscope/sandbox'
import { type Comparable, differences } from '../oracle/comparable.ts'
import { namespacesIn, readTruth } from '../oracle/truth.ts'

/** The kernel's state, with namespaces by name: one that was made again has another number. Learned things come and go. */
export async function readWritten(host: SandboxHost): Promise<Comparable> {
  const truth = await readTruth(host)
  const names = new Map<string, string>()
  for (const [inode, path] of namespacesIn(host)) {
    if (path.includes('/run/netns/')) names.set(String(inode), path.slice(path.lastIndexOf('/') + 1))
  }
  // A link that was up once has a queue for good.
  const byName = (line: string) =>
    line.replace(/^\d+/, (inode) => names.get(inode) ?? inode).replace(/ qdisc=no(op|queue)/, '')
  const all = Object.entries(truth).map(([kind, facts]) => [kind, facts.map(byName).filter(isWritten).sort()])
  return Object.fromEntries(all) as Comparable // the same keys
}

/** The same once it has come to rest: the kernel looks at carriers once a second, and gives addresses after that. */
export async function readSettled(host: SandboxHost): Promise<Comparable> {
  let last = await readWritten(host)
  for (let round = 0; round < 10; round++) {
    await new Promise((resolve) => setTimeout(resolve, CARRIERS_EVERY))
    const next = await readWritten(host)
    if (differences(last, next).length === 0) return next
    last = next
  }
  throw new Error('the host does not come to rest')
}
const CARRIERS_EVERY = 1_100

const isWritten = (line: string): boolean => !/state=(REACHABLE|STALE|DELAY|PROBE|FAILED|INCOMPLETE|learned)/.test(line)

/** Differences but for what is made up: MAC addresses, link-local addresses of them, and the numbers of links, which count on. */
export const alike = (before: Comparable, now: Comparable): string[] =>
  differences(withoutMade(before), withoutMade(now))

function withoutMade(state: Comparable): Comparable {
  const masked = (line: string) =>
    line
      .replaceAll(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, 'MAC')
      .replaceAll(/\bfe80::[0-9a-f:]+/g, 'LINK-LOCAL')
      .replace(/^(\S+) \d+/, '$1 INDEX')
      .replaceAll(/\b(iflink|master)=\d+/g, '$1=INDEX')
  const all = Object.entries(state).map(([kind, facts]) => [kind, facts.map(masked).sort()])
  return Object.fromEntries(all) as Comparable // the same keys
}

/** Addresses are usable at once: what the kernel does by itself a second later is none of the changes. */
export async function withoutChecks(host: SandboxHost, name?: string): Promise<void> {
  const into = name === undefined ? [] : ['ip', 'netns', 'exec', name]
  await host.run([...into, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0'])
}
