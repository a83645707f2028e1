import { execFile } from 'node:child_process'
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import type { SandboxHost } from '@hopscope/sandbox'
import { type Comparable, comparable } from './comparable.ts'
import { containersOf, networksOf } from './docker.ts'
import { addressesOf, fdbOf, linksOf, neighboursOf, proxiesOf, routesOf, rulesOf } from './ipRoute.ts'
import { chainsOf, conntrackOf, iptablesRulesOf, legacyChainsOf, nftRulesOf, nftSetsOf } from './netfilter.ts'
import { socketsOf } from './sockets.ts'
import { hasBridge, SWITCHES, switchesOf } from './switches.ts'

/** What the system's own programs say of a sandbox host: one sorted list of facts per kind of record. */
export async function readTruth(host: SandboxHost): Promise<Comparable> {
  const facts = comparable()
  const namespaces = namespacesIn(host)
  for (const inode of namespaces.keys()) facts.netns.push(String(inode))
  await inTurns([...namespaces], ([inode, path]) => readNamespace(facts, host, inode, path))
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

/** What is asked in every namespace; one shell there runs it all, because entering costs more than most of the answers. */
const QUESTIONS = {
  links: 'ip -j -d addr show',
  routes4: 'ip -j -d -4 route show table all',
  routes6: 'ip -j -d -6 route show table all',
  rules4: 'ip -j -d -4 rule show',
  rules6: 'ip -j -d -6 rule show',
  neighbours: 'ip -j neigh show',
  proxies: 'ip -j neigh show proxy',
  fdb: 'bridge -j fdb show',
  ruleset: 'nft -a -s list ruleset',
  sets: 'nft -j list sets',
  nft4: 'iptables-nft-save',
  nft6: 'ip6tables-nft-save',
  // These two would load x_tables and make the tables that they print.
  legacy4: 'if grep -qs . /proc/net/ip_tables_names; then iptables-legacy-save; fi',
  legacy6: 'if grep -qs . /proc/net/ip6_tables_names; then ip6tables-legacy-save; fi',
  conntrack: 'conntrack -L -o id 2>&1',
  sockets: 'ss -lntuHe',
  switches: `grep -Hs . ${SWITCHES.join(' ')}; true`,
} as const
type Answers = Record<keyof typeof QUESTIONS, string>

const SCRIPT = `set -e; ${Object.values(QUESTIONS).join("; printf '\\036'; ")}`

async function ask(path: string): Promise<Answers> {
  const answers = (await output('nsenter', [`--net=${path}`, 'sh', '-c', SCRIPT])).split('\x1e')
  const named = Object.keys(QUESTIONS).map((name, i) => [name, answers[i] ?? ''])
  return Object.fromEntries(named) as Answers // one answer per question
}

async function readNamespace(facts: Comparable, host: SandboxHost, inode: number, path: string): Promise<void> {
  const say = await ask(path)
  const json = (text: string) => JSON.parse(text.trim() || '[]')
  const links = json(say.links)
  const index = new Map<string, number>(links.map((l: { ifname: string; ifindex: number }) => [l.ifname, l.ifindex]))
  const at = { inode, index }
  facts.link.push(...linksOf(at, links))
  facts.address.push(...addressesOf(at, links))
  facts.route.push(...routesOf(at, '-4', json(say.routes4)), ...routesOf(at, '-6', json(say.routes6)))
  facts.policyRule.push(...rulesOf(at, '-4', json(say.rules4)), ...rulesOf(at, '-6', json(say.rules6)))
  facts.neighbour.push(...neighboursOf(at, json(say.neighbours)), ...proxiesOf(at, json(say.proxies)))
  facts.fdb.push(...fdbOf(at, json(say.fdb)))
  facts.fwChain.push(...chainsOf(at, say.ruleset))
  facts.fwRule.push(...nftRulesOf(at, say.ruleset))
  facts.fwSet.push(...nftSetsOf(at, json(say.sets)))
  for (const [engine, family, saved] of [
    ['nft', 'ip', say.nft4],
    ['nft', 'ip6', say.nft6],
    ['legacy', 'ip', say.legacy4],
    ['legacy', 'ip6', say.legacy6],
  ] as const) {
    facts.fwRule.push(...iptablesRulesOf(at, engine, family, saved))
    if (engine === 'legacy') facts.fwChain.push(...legacyChainsOf(at, family, saved))
  }
  facts.conntrack.push(...conntrackOf(at, say.conntrack))
  facts.socket.push(...socketsOf(at, say.sockets))
  const bridged = inode === host.netNamespaceInode || hasBridge(links)
  facts.sysctl.push(...switchesOf(at, say.switches, bridged))
}

export async function readDocker(facts: Comparable, host: SandboxHost): Promise<void> {
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
