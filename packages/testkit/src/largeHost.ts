import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SandboxPlace } from '@hopscope/sandbox'

export type LargeHostOptions = {
  namespaces: number
  /** Ports of one bridge before the next one is begun; the kernel takes at most 1,023. */
  portsPerBridge?: number
}

/** What was made, each beside what every host has anyway. */
export type LargeHost = {
  /** Names below /run/netns: n1, n2, … */
  namespaces: string[]
  /** br1, br2, … in the host; namespace nK is behind port pK of one of them. */
  bridges: string[]
}

const NEIGHBOURS = 3
const MOST_PORTS = 1_023
/** Programs that work side by side. */
const WORKERS = 4

/**
 * Fills a host with named namespaces: each has a veth to a bridge of the host, an address, a default route and permanent
 * neighbours, and the bridge a static CAM entry for it. A thousand take some seconds, and about 0.6 MB of memory each.
 * They end with the sandbox. Same as "ip -batch FILE" in the host and "ip -n NAME -batch FILE" for each namespace.
 */
export async function fillLargeHost(host: SandboxPlace, options: LargeHostOptions): Promise<LargeHost> {
  const { namespaces, portsPerBridge = 250 } = options
  if (portsPerBridge > MOST_PORTS) throw new RangeError(`a bridge takes ${MOST_PORTS} ports, not ${portsPerBridge}`)
  const members = Array.from({ length: namespaces }, (_, index) => memberAt(index, portsPerBridge))
  const bridges = [...new Set(members.map(({ bridge }) => bridge))]
  // A sandbox host sees the machine's own temporary folder.
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-large-'))
  try {
    mkdirSync(join(folder, 'inside'))
    writeLines(join(folder, 'host'), [
      ...bridges.flatMap(bridgeLines),
      ...members.map(({ name }) => `netns add ${name}`),
      ...members.flatMap(linkLines),
      ...members.flatMap(neighbourLines),
    ])
    writeLines(join(folder, 'fdb'), members.map(fdbLine))
    for (const member of members) writeLines(join(folder, 'inside', member.name), insideLines(member))
    await host.run(['ip', '-batch', join(folder, 'host')])
    await host.run(['bridge', '-batch', join(folder, 'fdb')])
    await everyNamespace(host, { folder: join(folder, 'inside'), names: members.map(({ name }) => name) })
  } finally {
    rmSync(folder, { recursive: true })
  }
  return { namespaces: members.map(({ name }) => name), bridges }
}

type Member = { name: string; port: string; bridge: string; mac: string; net: string; address: string }

function memberAt(index: number, portsPerBridge: number): Member {
  const bridge = Math.floor(index / portsPerBridge) + 1
  const place = (index % portsPerBridge) + 2
  const bytes = [place >> 8, place & 255]
  return {
    name: `n${index + 1}`,
    port: `p${index + 1}`,
    bridge: `br${bridge}`,
    mac: `0a:00:${hex(bridge >> 8)}:${hex(bridge & 255)}:${bytes.map(hex).join(':')}`,
    net: netOf(bridge),
    address: `${netOf(bridge)}.${bytes.join('.')}`,
  }
}

const netOf = (bridge: number): string => `10.${bridge & 255}`
const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

const bridgeLines = (name: string): string[] => [
  `link add ${name} type bridge`,
  `address add ${netOf(Number(name.slice(2)))}.0.1/16 dev ${name}`,
  `link set ${name} up`,
]

const linkLines = ({ name, port, bridge, mac }: Member): string[] => [
  `link add ${port} type veth peer name eth0 address ${mac} netns ${name}`,
  `link set ${port} master ${bridge} up`,
]

const neighbourLines = ({ bridge, address, mac }: Member): string[] => [
  `neighbour add ${address} lladdr ${mac} nud permanent dev ${bridge}`,
]

const fdbLine = ({ port, mac }: Member): string => `fdb replace ${mac} dev ${port} master static`

const insideLines = ({ address, net }: Member): string[] => [
  'link set lo up',
  `address add ${address}/16 dev eth0`,
  'link set eth0 up',
  `route add default via ${net}.0.1`,
  ...Array.from(
    { length: NEIGHBOURS },
    (_, at) => `neighbour add ${net}.255.${at + 1} lladdr 0a:ff:00:00:00:${hex(at + 1)} nud permanent dev eth0`,
  ),
]

function writeLines(path: string, lines: readonly string[]): void {
  writeFileSync(path, `${lines.join('\n')}\n`)
}

/** xargs starts one "ip" for each namespace, without a shell and without entering the host anew for each. */
async function everyNamespace(host: SandboxPlace, { folder, names }: { folder: string; names: readonly string[] }) {
  const lines = names.map((name) => `${name} -batch ${join(folder, name)}`)
  await host.run(['xargs', '-P', `${WORKERS}`, '-L', '1', 'ip', '-n'], { input: `${lines.join('\n')}\n` })
}
