import { execFile } from 'node:child_process'
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import type { SandboxHost } from '@hopscope/sandbox'
import { type Comparable, comparable } from './comparable.ts'
import { containersOf, networksOf } from './docker.ts'
import { addressesOf, fdbOf, linksOf, neighboursOf, proxiesOf, routesOf, rulesOf } from './ipRoute.ts'
import { chainsOf, conntrackOf, iptablesRulesOf, nftRulesOf } from './netfilter.ts'

/** What the system's own programs say of a sandbox host: one sorted list of facts per kind of record. */
export async function readTruth(host: SandboxHost): Promise<Comparable> {
  const facts = comparable()
  const namespaces = namespacesIn(host)
  for (const inode of namespaces.keys()) facts.netns.push(String(inode))
  await inTurns([...namespaces], ([inode, path]) => readNamespace(facts, inode, path))
  if (host.dockerSocket) await readDocker(facts, host)
  for (const list of Object.values(facts)) list.sort()
  return facts
}

/** Namespaces by inode, found through the host's own /proc, /run/netns and /run/docker/netns. */
export function namespacesIn(host: SandboxHost): Map<number, string> {
  const root = `/proc/${host.initPid}/root`
  const nsfs = statSync(`/proc/${host.initPid}/ns/net`).dev
  const found = new Map<number, string>()
  for (const folder of ['run/netns', 'run/docker/netns']) {
    for (const name of entries(`${root}/${folder}`)) {
      const path = `${root}/${folder}/${name}`
      const stat = statSync(path, { throwIfNoEntry: false })
      if (stat?.dev === nsfs) found.set(stat.ino, path)
    }
  }
  for (const pid of entries(`${root}/proc`)) {
    if (!/^\d+$/.test(pid)) continue
    const path = `${root}/proc/${pid}/ns/net`
    const link = linkTarget(path)
    const inode = Number(link?.slice(5, -1))
    // Names and first processes last; a program that somebody just runs may end before it was looked through.
    if (link && !found.has(inode)) found.set(inode, path)
  }
  return found
}

async function readNamespace(facts: Comparable, inode: number, path: string): Promise<void> {
  const inside = (...argv: string[]) => output('nsenter', [`--net=${path}`, ...argv])
  const json = async (...argv: string[]) => JSON.parse((await inside(...argv)) || '[]')
  const links = await json('ip', '-j', '-d', 'addr', 'show')
  const index = new Map<string, number>(links.map((l: { ifname: string; ifindex: number }) => [l.ifname, l.ifindex]))
  const at = { inode, index }
  facts.link.push(...linksOf(at, links))
  facts.address.push(...addressesOf(at, links))
  for (const family of ['-4', '-6'] as const) {
    facts.route.push(...routesOf(at, family, await json('ip', '-j', '-d', family, 'route', 'show', 'table', 'all')))
    facts.policyRule.push(...rulesOf(at, family, await json('ip', '-j', '-d', family, 'rule', 'show')))
  }
  facts.neighbour.push(...neighboursOf(at, await json('ip', '-j', 'neigh', 'show')))
  facts.neighbour.push(...proxiesOf(at, await json('ip', '-j', 'neigh', 'show', 'proxy')))
  facts.fdb.push(...fdbOf(at, await json('bridge', '-j', 'fdb', 'show')))
  const ruleset = await inside('nft', '-a', '-s', 'list', 'ruleset')
  facts.fwChain.push(...chainsOf(at, ruleset))
  facts.fwRule.push(...nftRulesOf(at, ruleset))
  for (const [engine, family, program] of SAVERS) {
    facts.fwRule.push(...iptablesRulesOf(at, engine, family, await inside(program)))
  }
  facts.conntrack.push(...conntrackOf(at, await inside('conntrack', '-L', '-o', 'id')))
  facts.sysctl.push(`${inode} ip_forward=${(await inside('cat', '/proc/sys/net/ipv4/ip_forward')).trim()}`)
}

const SAVERS = [
  ['nft', 'ip', 'iptables-nft-save'],
  ['nft', 'ip6', 'ip6tables-nft-save'],
  ['legacy', 'ip', 'iptables-legacy-save'],
  ['legacy', 'ip6', 'ip6tables-legacy-save'],
] as const

async function readDocker(facts: Comparable, host: SandboxHost): Promise<void> {
  const ids = (await host.docker('ps', '-aq', '--no-trunc')).split('\n').filter(Boolean)
  if (ids.length) facts.container.push(...containersOf(JSON.parse(await host.docker('inspect', ...ids))))
  const networks = (await host.docker('network', 'ls', '-q', '--no-trunc')).split('\n').filter(Boolean)
  facts.dockerNetwork.push(...networksOf(JSON.parse(await host.docker('network', 'inspect', ...networks))))
}

/** Two at a time: the machine that runs this may be small. */
async function inTurns<T>(list: T[], work: (item: T) => Promise<void>): Promise<void> {
  const next = list[Symbol.iterator]()
  const worker = async () => {
    for (let item = next.next(); !item.done; item = next.next()) await work(item.value)
  }
  await Promise.all([worker(), worker()])
}

function output(program: string, args: string[]): Promise<string> {
  return new Promise((done, fail) => {
    execFile(program, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error) fail(new Error(`${program} ${args.join(' ')}: ${stderr || error.message}`))
      else done(stdout)
    })
  })
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    // The folder is made by whoever first needs it.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    // A process may end between the listing and the look.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined
    throw error
  }
}
