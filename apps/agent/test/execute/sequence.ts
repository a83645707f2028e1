import type { Command } from '@hopscope/protocol'
import type { SandboxHost } from '@hopscope/sandbox'
import type { Random } from '@hopscope/testkit/random'
import type { ModelCommand, ModelHost, ModelLink } from './modelHost.ts'

const NAMES = ['n1', 'n2', 'n3'] as const
const LINKS = ['v0', 'v1', 'v2', 'v3', 'v4', 'v5'] as const
const BRIDGES = ['b0', 'b1'] as const
const ADDRESSES = ['10.1.0.1/24', '10.1.0.2/24', '10.1.0.3/24', '10.2.0.1/24', '10.2.0.2/24', '10.3.0.1/16'] as const
const GATEWAYS = ['10.1.0.9', '10.2.0.9', '10.3.0.9'] as const
const NETWORKS = ['10.10.0.0/16', '10.11.0.0/16', 'default'] as const
const MACS = ['02:00:00:00:aa:01', '02:00:00:00:aa:02', '02:00:00:00:aa:03'] as const
const KINDS: readonly [ModelCommand, ...ModelCommand[]] = [
  ...(['link.up', 'link.up', 'link.up', 'link.down', 'link.rename', 'link.mtu', 'link.promisc', 'link.move'] as const),
  ...(['link.attach', 'link.attach', 'link.detach', 'link.delete', 'veth.create', 'veth.create'] as const),
  ...(['bridge.create', 'macvlan.create', 'address.add', 'address.add', 'address.delete', 'neighbour.add'] as const),
  ...(['neighbour.delete', 'fdb.add', 'fdb.delete', 'route.add', 'route.add', 'route.delete'] as const),
  ...(['netns.add', 'netns.delete', 'sysctl.set'] as const),
]

/** What every sequence begins with. */
export const BASE: readonly Command[] = [
  { do: 'netns.add', name: 'n1' },
  { do: 'netns.add', name: 'n2' },
  { do: 'bridge.create', netns: 'root', name: 'b0' },
  { do: 'link.up', netns: 'root', link: 'b0' },
  { do: 'address.add', netns: 'root', link: 'b0', address: '10.1.0.254/24' },
  ...(['n1', 'n2'] as const).flatMap((netns, i): Command[] => [
    { do: 'veth.create', netns: 'root', name: `v${i}`, peer: { netns, name: 'v0' } },
    { do: 'link.attach', netns: 'root', link: `v${i}`, bridge: 'b0' },
    { do: 'link.up', netns: 'root', link: `v${i}` },
    { do: 'link.up', netns, link: 'v0' },
    { do: 'address.add', netns, link: 'v0', address: `10.1.0.${i + 1}/24` },
  ]),
]

/** Which links each command is about, where it is not any. */
const SUITS: { readonly [N in ModelCommand]?: (link: ModelLink, model: ModelHost) => boolean } = {
  'link.up': ({ up }) => !up,
  'link.down': ({ up }) => up,
  'link.move': ({ kind, master }) => kind !== 'bridge' && master === undefined,
  'link.attach': ({ kind, master, netns }, model) =>
    kind !== 'bridge' && master === undefined && BRIDGES.some((name) => model.linkNamed(netns, name)),
  'link.detach': ({ master }) => master !== undefined,
  'macvlan.create': ({ kind, master }) => kind !== 'macvlan' && master === undefined,
  'address.add': ({ addresses }) => addresses.length < 3,
  'address.delete': ({ addresses }) => addresses.length > 0,
  // A bridge may get another address with each of its ports, and forgets its neighbours then: `cases.ts` has that.
  'neighbour.add': ({ up, kind }) => up && kind !== 'bridge',
  'neighbour.delete': ({ neighbours }) => neighbours.size > 0,
  'fdb.add': ({ master }) => master !== undefined,
  'fdb.delete': ({ fdb }) => fdb.size > 0,
  'route.add': ({ up, addresses }) => up && addresses.length > 0,
}

/** Any command, nine times in ten on a link that it suits: some are refused, and change nothing. */
export function anyCommand(random: Random, model: ModelHost): Command {
  const name = random.pick(KINDS)
  const links = [...model.links.values()]
  const suits = random.below(10) > 0 ? SUITS[name] : undefined
  const some = random.pick(suits ? links.filter((link) => suits(link, model)) : links)
  const netns = some?.netns ?? random.pick(['root', ...NAMES] as const)
  const link = some?.name ?? random.pick(LINKS)
  const at = { netns, link }
  const anywhere = random.pick([...model.namespaces.keys()]) ?? 'root'
  switch (name) {
    case 'link.up':
    case 'link.down':
    case 'link.detach':
    case 'link.delete':
      return { do: name, ...at }
    case 'link.rename':
      return { do: name, ...at, to: random.pick(LINKS) }
    case 'link.mtu':
      // A bridge's own follows its ports until somebody sets it, and never again after.
      return { do: name, ...(some?.kind === 'bridge' ? { netns, link: 'v0' } : at), mtu: 1300 + 50 * random.below(5) }
    case 'link.promisc':
      return { do: name, ...at, on: random.below(2) === 0 }
    case 'link.move':
      return { do: name, ...at, to: anywhere }
    case 'link.attach':
      return { do: name, ...at, bridge: BRIDGES.find((one) => model.linkNamed(netns, one)) ?? random.pick(BRIDGES) }
    case 'veth.create':
      return {
        do: name,
        netns: anywhere,
        name: random.pick(LINKS),
        peer: { netns: random.pick([...model.namespaces.keys()]) ?? 'root', name: random.pick(LINKS) },
      }
    case 'bridge.create':
      return { do: name, netns: anywhere, name: random.pick(BRIDGES) }
    case 'macvlan.create':
      return { do: name, netns, name: random.pick(['m0', 'm1'] as const), parent: link, mode: 'bridge' }
    case 'address.add':
      return { do: name, ...at, address: random.pick(ADDRESSES) }
    case 'address.delete':
      return { do: name, ...at, address: random.pick(some?.addresses ?? []) ?? random.pick(ADDRESSES) }
    case 'neighbour.add':
      return {
        do: name,
        ...(some?.kind === 'bridge' ? { netns, link: 'v0' } : at),
        address: random.pick(GATEWAYS),
        mac: random.pick(MACS),
      }
    case 'neighbour.delete':
      return { do: name, ...at, address: random.pick([...(some?.neighbours.keys() ?? [])]) ?? random.pick(GATEWAYS) }
    case 'fdb.add':
      return { do: name, ...at, mac: random.pick(MACS) }
    case 'fdb.delete':
      return { do: name, ...at, mac: random.pick([...(some?.fdb ?? [])]) ?? random.pick(MACS) }
    case 'route.add': {
      const near = some?.addresses[0]?.startsWith('10.2.') ? GATEWAYS[1] : GATEWAYS[0]
      return { do: name, ...at, dst: random.pick(NETWORKS), via: near, table: 254, type: 'unicast' }
    }
    case 'route.delete':
      return { do: name, ...(random.pick(model.routes()) ?? { netns, dst: random.pick(NETWORKS) }), table: 254 }
    case 'netns.add':
    case 'netns.delete':
      return { do: name, name: random.pick(NAMES) }
    case 'sysctl.set':
      return { do: name, netns: anywhere, key: 'ip_forward', value: random.below(2) }
  }
}

type Json = Record<string, unknown> & { ifname: string; flags: string[] }

/** What the kernel has of all that sequences change, as `ModelHost.facts` writes it. */
export async function readHost(host: SandboxHost): Promise<string[]> {
  const listed = (await host.run(['ip', 'netns', 'list'])).split('\n').flatMap((line) => line.split(' ')[0] || [])
  const all = await Promise.all(['root', ...listed].map((name) => readNetns(host, name)))
  return all.flat().sort()
}

async function readNetns(host: SandboxHost, name: string): Promise<string[]> {
  const into = name === 'root' ? [] : ['-n', name]
  const json = async (program: string, ...words: string[]): Promise<Json[]> =>
    JSON.parse((await host.run([program, ...into, '-j', ...words])) || '[]')
  const [links, routes, neighbours, fdb, forward] = await Promise.all([
    json('ip', '-d', '-4', 'address', 'show'),
    json('ip', '-4', 'route', 'show', 'proto', 'boot'),
    json('ip', '-4', 'neigh', 'show', 'nud', 'permanent'),
    json('bridge', 'fdb', 'show'),
    host.run([...(name === 'root' ? [] : ['ip', 'netns', 'exec', name]), 'cat', '/proc/sys/net/ipv4/ip_forward']),
  ])
  // With "-4", ip leaves out links that have no address.
  const plain = await json('ip', '-d', 'link', 'show')
  const made = plain.filter(({ ifname }) => /^[vbm]\d$/.test(ifname))
  const isMade = (dev: unknown): boolean => made.some(({ ifname }) => ifname === dev)
  const lines = [`netns ${name} forward=${forward.trim()}`]
  for (const { ifname, flags, mtu, master, linkinfo } of made) {
    const kind = (linkinfo as { info_kind: string }).info_kind // ip -d has it of every link that was made
    lines.push(
      `link ${name} ${ifname} ${kind} up=${flags.includes('UP')} mtu=${mtu} ` +
        `promisc=${flags.includes('PROMISC')}${master === undefined ? '' : ` in ${master}`}`,
    )
  }
  for (const { ifname, addr_info: addresses } of links)
    for (const { local, prefixlen } of (addresses ?? []) as { local: string; prefixlen: number }[])
      if (isMade(ifname)) lines.push(`address ${name} ${ifname} ${local}/${prefixlen}`)
  for (const { dev, dst, lladdr } of neighbours)
    if (isMade(dev)) lines.push(`neighbour ${name} ${dev} ${dst} ${lladdr}`)
  for (const { dst, gateway, dev } of routes)
    if (isMade(dev)) lines.push(`route ${name} ${dst} via ${gateway} dev ${dev}`)
  for (const { ifname, mac, master, state } of fdb)
    if (isMade(ifname) && master !== undefined && state === 'static') lines.push(`fdb ${name} ${ifname} ${mac}`)
  return lines
}
