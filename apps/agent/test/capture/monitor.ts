import { once } from 'node:events'
import type { Hop, Way } from '@hopscope/model'
import type { SandboxHost } from '@hopscope/sandbox'
import { TRACE_TABLE } from '@hopscope/trace'

/** What `nft monitor trace` prints of others' tables, as "ip filter FORWARD 12 jump DOCKER" or "ip nat PREROUTING policy accept". */
export type Monitor = { lines(): string[]; close(): Promise<void> }

const NFTRACE_GROUP = 1 << 8

/** Runs `nft -a monitor trace` in a namespace of a host, and resolves when it listens. */
export async function openMonitor(host: SandboxHost, netnsPath: string): Promise<Monitor> {
  const child = host.spawn(['nsenter', `--net=${netnsPath}`, 'nft', '-a', 'monitor', 'trace'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk
  })
  while (!(await listens(host, netnsPath))) await new Promise((resolve) => setTimeout(resolve, 10))
  return {
    lines: () => printed.split('\n').flatMap(readLine),
    async close() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** It says nowhere that it listens, but the kernel lists its socket with the group it has joined. */
async function listens(host: SandboxHost, netnsPath: string): Promise<boolean> {
  const table = await host.run(['nsenter', `--net=${netnsPath}`, 'cat', '/proc/net/netlink'])
  return table.split('\n').some((line) => {
    const [, protocol, , groups = '0'] = line.trim().split(/\s+/)
    return protocol === '12' && (Number.parseInt(groups, 16) & NFTRACE_GROUP) !== 0
  })
}

function readLine(line: string): string[] {
  const rule = /^trace id \w+ (\S+) (\S+) (\S+) rule .*# handle (\d+) \(verdict (.*)\)$/.exec(line)
  const policy = /^trace id \w+ (\S+) (\S+) (\S+) policy (\w+)/.exec(line)
  const [, family, table, chain, ...rest] = rule ?? policy ?? []
  if (family === undefined || table === TRACE_TABLE) return []
  return [[family, table, chain, ...(policy ? ['policy'] : []), ...rest].join(' ')]
}

/** The base chains and rules of a story in one namespace, as the monitor's lines; of those of iptables-legacy it says nothing. */
export function linesOf(way: Way, netns: string): string[] {
  return way.hops
    .filter(
      (hop): hop is Extract<Hop, { kind: 'chain' }> =>
        hop.kind === 'chain' && hop.netns === netns && hop.engine !== 'legacy',
    )
    .flatMap((hop) => {
      const { family, table, chain, hits, policy, verdict } = hop
      const rules = hits.map((hit) => {
        // To the kernel a reject is a drop.
        const end = hit.verdict === 'reject' ? 'drop' : hit.verdict
        return [family, table, hit.chain, hit.handle, end, ...(hit.to ? [hit.to] : [])].join(' ')
      })
      return policy ? [...rules, [family, table, chain, 'policy', verdict].join(' ')] : rules
    })
}
