// Lets the public programs read what our agent reads, inside the host that it was started in.
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { milliseconds } from '../bench.ts'
import { timeProgram } from '../program.ts'
import { factsOf, readByPrograms, readByProgramsWithDocker } from './agentOnPrograms.ts'

/** The facts of each kind, counted. */
const TOGETHER = `{link: [$ip[][] | select(.ifname != null)] | length,
  address: [$ip[][] | .addr_info // [] | .[] | select(.local != null)] | length,
  route: [$ip[][] | select(.dst != null and .lladdr == null and .state == null)] | length,
  neighbour: [$ip[][] | select(.dst != null and .state != null)] | length,
  fdb: [$fdb[][] | select(.master != null or .dst != null)] | length,
  container: $containers[0] | length, dockerNetwork: $networks[0] | length}`

const folder = mkdtempSync(join(tmpdir(), 'hopscope-peers-'))
const batch = join(folder, 'batch')
writeFileSync(batch, 'address show\nroute show table all\nneigh show\n')
// Docker's namespaces get names for "ip -n", as a person would give them.
if (process.argv[2] === 'docker') {
  const folder = '/run/docker/netns'
  for (const name of readdirSync(folder)) symlinkSync(join(folder, name), join('/run/netns', name))
}
const names = readdirSync('/run/netns')
const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`)
say('ready')

for await (const request of createInterface({ input: process.stdin })) {
  if (request === 'agent on ip and bridge') say(await milliseconds(() => readByPrograms(names, batch)))
  else if (request === 'agent on ip and bridge, counts') say(factsOf(await readByPrograms(names, batch)))
  else if (request === 'agent on ip and docker') say(await milliseconds(() => readByProgramsWithDocker(names, batch)))
  else if (request === 'agent on ip and docker, counts') say(factsOf(await readByProgramsWithDocker(names, batch)))
  else if (request === 'ip and bridge') say(readAll().milliseconds)
  else if (request === 'ip and bridge, counts') say(countsOf(readAll()))
  else if (request === 'plotnetcfg') say(timeProgram(['plotnetcfg', '-f', 'json']).milliseconds)
  else if (request === 'plotnetcfg, counts') say(plotted(timeProgram(['plotnetcfg', '-f', 'json']).output))
  else if (request === 'ip, docker and jq') say(withDocker().milliseconds)
  else if (request === 'ip, docker and jq, counts') say(JSON.parse(withDocker().output))
  else throw new Error(`unknown request: ${request}`)
}
rmSync(folder, { recursive: true })

type Read = { milliseconds: number; ip: string; fdb: string }

/** One "ip" and one "bridge" for each namespace and for the host, one after another; xargs starts them without a shell. */
function readAll(): Read {
  const each = (line: (name: string) => string): string => `${names.map(line).join('\n')}\n`
  const ips = timeProgram(
    ['xargs', '-L', '1', 'ip', '-j', '-d', '-n'],
    each((name) => `${name} -batch ${batch}`),
  )
  const own = timeProgram(['ip', '-j', '-d', '-batch', batch])
  const bridges = timeProgram(
    ['xargs', '-L', '1', 'bridge', '-j', '-n'],
    each((name) => `${name} fdb show`),
  )
  const ownBridge = timeProgram(['bridge', '-j', 'fdb', 'show'])
  return {
    milliseconds: ips.milliseconds + own.milliseconds + bridges.milliseconds + ownBridge.milliseconds,
    ip: ips.output + own.output,
    fdb: bridges.output + ownBridge.output,
  }
}

/** What "ip" and "docker" say, put together by jq as one document. */
function withDocker(): { milliseconds: number; output: string } {
  const { milliseconds, ip, fdb } = readAll()
  const list = timeProgram(['docker', 'ps', '-aq', '--no-trunc'])
  const containers = timeProgram(['docker', 'inspect', ...list.output.trim().split('\n')])
  const networks = timeProgram(['docker', 'network', 'ls', '-q'])
  const inspected = timeProgram(['docker', 'network', 'inspect', ...networks.output.trim().split('\n')])
  const parts = [ip, fdb, containers.output, inspected.output].map((text, at) => {
    const path = join(folder, `part${at}`)
    writeFileSync(path, text)
    return path
  })
  const [ipPart = '', fdbPart = '', containerPart = '', networkPart = ''] = parts
  const argv = ['--slurpfile', 'ip', ipPart, '--slurpfile', 'fdb', fdbPart, '--slurpfile', 'containers', containerPart]
  const jq = timeProgram(['jq', '-n', ...argv, '--slurpfile', 'networks', networkPart, TOGETHER])
  const all = [list, containers, networks, inspected, jq].reduce((sum, part) => sum + part.milliseconds, milliseconds)
  return { milliseconds: all, output: jq.output }
}

function countsOf({ ip, fdb }: Read): Record<string, number> {
  const parts = ['ip', 'fdb'].map((name, at) => {
    const path = join(folder, name)
    writeFileSync(path, [ip, fdb][at] ?? '')
    return path
  })
  const [ipPart = '', fdbPart = ''] = parts
  const none = join(folder, 'none')
  writeFileSync(none, '[]')
  const argv = ['--slurpfile', 'ip', ipPart, '--slurpfile', 'fdb', fdbPart, '--slurpfile', 'containers', none]
  return JSON.parse(timeProgram(['jq', '-n', ...argv, '--slurpfile', 'networks', none, TOGETHER]).output)
}

/** plotnetcfg lists namespaces with their interfaces. */
function plotted(text: string): Record<string, number> {
  const { namespaces } = JSON.parse(text)
  const all: { interfaces?: object; routes?: object[] }[] = Array.isArray(namespaces)
    ? namespaces
    : Object.values(namespaces)
  return {
    netns: all.length,
    link: all.reduce((sum, { interfaces }) => sum + Object.keys(interfaces ?? {}).length, 0),
  }
}
