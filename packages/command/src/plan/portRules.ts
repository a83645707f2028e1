import {
  type Attachment,
  type Container,
  type DockerNetwork,
  type HostSnapshot,
  inSubnet,
  type Link,
  linkId,
  networkOf,
  recordsOf,
  sysctlId,
} from '@hopscope/model'
import { type OwnPort, ownPortText } from '@hopscope/topology'
import { farLink } from '../find.ts'
import type { IpFamily, OwnRule } from './ownChains.ts'

/** Where rules can lead to: an address of a container on a bridge of the host. */
export type Reach = { family: IpFamily; address: string; subnet: string; at: Attachment; network: DockerNetwork }

/** A container's addresses that rules can lead to: on the bridge that its answers leave by. Empty while it does not run. */
export function reachesOf(snapshot: HostSnapshot, container: Container): Reach[] {
  if (container.netns === undefined || container.netns === snapshot.host.rootNetns) return []
  const possible = container.attachments.flatMap((at) => {
    const network = recordsOf(snapshot, 'dockerNetwork').find(({ networkId }) => networkId === at.networkId)
    return network?.driver === 'bridge' && !network.internal ? [{ at, network }] : []
  })
  const ways = recordsOf(snapshot, 'route').filter(({ netns, dst }) => netns === container.netns && dst === 'default')
  const first = possible.find(({ at }) => ways.some(({ gateway }) => gateway !== undefined && gateway === at.gateway))
  const chosen = first ?? possible[0]
  if (chosen === undefined) return []
  const { at, network } = chosen
  const reach = (family: IpFamily, address: string | undefined): Reach[] =>
    address ? [{ family, address, subnet: subnetOf(network, address), at, network }] : []
  return [...reach('ip', at.ip), ...reach('ip6', at.ip6)]
}

function subnetOf({ ipam }: DockerNetwork, address: string): string {
  for (const { subnet = '' } of ipam) {
    const [network = '', length = ''] = subnet.split('/')
    if (subnet !== '' && inSubnet(address, network, Number(length)))
      return `${networkOf(network, Number(length)) ?? network}/${length}`
  }
  return `${address}/${address.includes(':') ? 128 : 32}`
}

/**
 * The rules that publish a port of a container that can be reached: DNAT for what comes from outside, from containers and from
 * the host itself; MASQUERADE for what comes from the container's own network, or its answers would go past the host; and
 * passage both ways, before Docker's rules keep its networks apart.
 */
export function rulesOf(snapshot: HostSnapshot, port: OwnPort, reaches: readonly Reach[]): OwnRule[] {
  const { rootNetns: netns } = snapshot.host
  const { protocol, hostIp, from, to, count } = port
  const run = (first: number, between: string) =>
    count === 1 ? String(first) : `${first}${between}${first + count - 1}`
  const comment = ['-m', 'comment', '--comment', ownPortText(port)]
  const dnated = ['-m', 'conntrack', '--ctstate', 'DNAT']
  return reaches
    .filter((reach) => isFor(hostIp, reach.family))
    .flatMap(({ family, address, subnet }): OwnRule[] => {
      const own = `${address}/${family === 'ip' ? 32 : 128}`
      const local = family === 'ip' ? '127.0.0.0/8' : '::1/128'
      const any = hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::'
      const target = targetOf(address, port)
      const arrives = [
        '-p',
        protocol,
        '-m',
        protocol,
        '--dport',
        run(from, ':'),
        '-m',
        'addrtype',
        '--dst-type',
        'LOCAL',
      ]
      const dnat = [...arrives, ...comment, '-j', 'DNAT', '--to-destination', target]
      const at = (hook: OwnRule['hook'], table: OwnRule['table'], words: string[]): OwnRule => ({
        netns,
        family,
        table,
        hook,
        words,
      })
      const there = ['-p', protocol, '-m', protocol, '--dport', run(to, ':')]
      const back = ['-p', protocol, '-m', protocol, '--sport', run(to, ':')]
      return [
        at('FORWARD', 'filter', ['-d', own, ...there, ...dnated, ...comment, '-j', 'ACCEPT']),
        at('FORWARD', 'filter', ['-s', own, ...back, ...dnated, '--ctdir', 'REPLY', ...comment, '-j', 'ACCEPT']),
        at('POSTROUTING', 'nat', ['-s', subnet, '-d', own, ...there, ...dnated, ...comment, '-j', 'MASQUERADE']),
        at('OUTPUT', 'nat', [...(any ? ['!', '-d', local] : ['-d', withLength(hostIp)]), ...dnat]),
        at('PREROUTING', 'nat', [...(any ? [] : ['-d', withLength(hostIp)]), ...dnat]),
      ]
    })
}

/** Where the numbers stay the same, a run keeps them without being told; else it is told from where to count. */
function targetOf(address: string, { from, to, count }: OwnPort): string {
  if (from === to && count > 1) return address
  const shown = address.includes(':') ? `[${address}]` : address
  return count === 1 ? `${shown}:${to}` : `${shown}:${to}-${to + count - 1}/${from}`
}

const withLength = (ip: string): string => `${ip}/${ip.includes(':') ? 128 : 32}`
const isFor = (hostIp: string, family: IpFamily): boolean =>
  hostIp === '' || hostIp.includes(':') === (family === 'ip6')

/**
 * The bridge port that has to send frames back to where they came from, when the container speaks to its own published port:
 * only where frames on bridges pass iptables, for there what DNAT sends back to its bridge is not routed.
 */
export function hairpinPort(snapshot: HostSnapshot, container: Container, reaches: readonly Reach[]): Link | undefined {
  const addresses = reaches.map(({ address }) => address)
  const address = recordsOf(snapshot, 'address').find(
    ({ netns, local }) => netns === container.netns && addresses.includes(local),
  )
  const inside = address && snapshot.records.link[linkId(address.netns, address.index)]
  const port = inside && farLink(snapshot, inside)
  if (port?.master === undefined || port.port === undefined) return undefined
  const bridge = snapshot.records.link[linkId(port.netns, port.master)]?.info
  const switches = snapshot.records.sysctl[sysctlId(port.netns)]
  const passes =
    switches?.bridgeNfCallIptables ||
    switches?.bridgeNfCallIp6tables ||
    (bridge?.kind === 'bridge' && (bridge.nfCallIptables || bridge.nfCallIp6tables))
  return passes ? port : undefined
}
