import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What such an agent ends with: the parsed answers. */
export type Parsed = { ip: Entry[]; fdb: Entry[]; containers: Entry[]; networks: Entry[] }
type Entry = Readonly<Record<string, unknown>>

const run = promisify(execFile)
const ENOUGH = { maxBuffer: 1 << 30 }

/**
 * Reads as an agent built on public programs does, and as its figure was first derived: links, addresses, routes and neighbours with "ip -j -d -batch" and CAM tables with "bridge -j fdb", of each namespace and of
 * the host: one program after another, each answer parsed. `batch` is the file with the commands.
 */
export async function readByPrograms(names: readonly string[], batch: string): Promise<Parsed> {
  const parsed: Parsed = { ip: [], fdb: [], containers: [], networks: [] }
  for (const name of [undefined, ...names]) {
    const where = name === undefined ? [] : ['-n', name]
    parsed.ip.push(...lists(await said('ip', ...where, '-j', '-d', '-batch', batch)))
    parsed.fdb.push(...lists(await said('bridge', ...where, '-j', 'fdb')))
  }
  return parsed
}

/** The same, and all containers and networks by "docker inspect"; jq makes one document of them, which is parsed. */
export async function readByProgramsWithDocker(names: readonly string[], batch: string): Promise<Parsed> {
  const parsed = await readByPrograms(names, batch)
  const containers = words(await said('docker', 'ps', '-aq', '--no-trunc'))
  const inspected = await said('docker', 'inspect', ...containers)
  const networks = words(await said('docker', 'network', 'ls', '-q'))
  const inspectedNetworks = await said('docker', 'network', 'inspect', ...networks)
  const whole = run('jq', ['-c', '-s', '{containers: .[0], networks: .[1]}'], ENOUGH)
  whole.child.stdin?.end(inspected + inspectedNetworks)
  return { ...parsed, ...JSON.parse((await whole).stdout) }
}

/** Facts of each kind, by the names of our records. */
export function factsOf({ ip, fdb, containers, networks }: Parsed): Record<string, number> {
  const count = (entries: readonly Entry[], is: (entry: Entry) => boolean): number => entries.filter(is).length
  return {
    link: count(ip, ({ ifname }) => ifname !== undefined),
    address: ip.reduce((sum, { addr_info }) => sum + (Array.isArray(addr_info) ? count(addr_info, isAddress) : 0), 0),
    route: count(ip, ({ dst, lladdr, state }) => dst !== undefined && lladdr === undefined && state === undefined),
    neighbour: count(ip, ({ dst, state }) => dst !== undefined && state !== undefined),
    fdb: count(fdb, ({ master, dst }) => master !== undefined || dst !== undefined),
    container: containers.length,
    dockerNetwork: networks.length,
  }
}

async function said(program: string, ...args: readonly string[]): Promise<string> {
  return (await run(program, args, ENOUGH)).stdout
}

/** A batch answers each command with a line that is a list; a command without an answer may leave its line empty. */
function lists(text: string): Entry[] {
  return text.split('\n').flatMap((line) => (line.startsWith('[') ? JSON.parse(line) : []))
}

const words = (text: string): string[] => text.trim().split('\n')
const isAddress = ({ local }: Entry): boolean => local !== undefined
