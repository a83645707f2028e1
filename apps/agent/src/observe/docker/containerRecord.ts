import { type Attachment, type Container, containerId } from '@hopscope/model'
import { madeOf } from './made.ts'
import type { Defaults } from './madeOptions.ts'
import { portsInForce, requestedPorts } from './ports.ts'
import type { ContainerAnswer, Endpoint, ImageConfig } from './shapes.ts'

/** What the engine's answer does not hold: looked up on the host. */
export type HostFacts = {
  netns?: string
  etcHosts?: string
  resolvConf?: string
  /** The configuration of its image; absent when the image is gone. */
  image?: ImageConfig
  defaults: Defaults
  /** Known networks, name by id: for a mode or an attachment that holds the other one of the two. */
  networkNames: ReadonlyMap<string, string>
}

/** The record of a container from the answer of `docker inspect NAME`, without the pids of its proxies. */
export function containerRecord(answer: ContainerAnswer, facts: HostFacts): Container {
  const { State, HostConfig, Config, NetworkSettings } = answer
  const ended = ['exited', 'dead', 'restarting'].includes(State.Status)
  return {
    id: containerId(answer.Id),
    containerId: answer.Id,
    name: answer.Name.replace(/^\//, ''),
    image: Config.Image,
    command: [answer.Path, ...answer.Args].join(' '),
    state: State.Status,
    ...(ended && { exitCode: State.ExitCode }),
    ...(State.Pid > 0 && { pid: State.Pid }),
    ...(facts.netns !== undefined && { netns: facts.netns }),
    networkMode: networkMode(HostConfig.NetworkMode, facts.networkNames),
    hostname: Config.Hostname,
    ...(Config.Domainname !== undefined && { domainname: Config.Domainname }),
    dns: HostConfig.Dns,
    dnsSearch: HostConfig.DnsSearch,
    dnsOptions: HostConfig.DnsOptions,
    extraHosts: HostConfig.ExtraHosts,
    links: HostConfig.Links.map(linkAsTyped).sort(),
    exposed: Object.keys(Config.ExposedPorts).sort(),
    requestedPorts: requestedPorts(HostConfig.PortBindings),
    publishAll: HostConfig.PublishAllPorts,
    ports: portsInForce(NetworkSettings.Ports),
    attachments: attachments(NetworkSettings.Networks, facts.networkNames),
    ...(facts.etcHosts !== undefined && { etcHosts: facts.etcHosts }),
    ...(facts.resolvConf !== undefined && { resolvConf: facts.resolvConf }),
    labels: Config.Labels,
    restartPolicy: restartPolicy(HostConfig.RestartPolicy),
    made: madeOf({ answer, image: facts.image, defaults: facts.defaults }),
    createdAt: answer.Created,
    ...(happened(State.StartedAt) && { startedAt: State.StartedAt }),
  }
}

function networkMode(mode: string, names: ReadonlyMap<string, string>): string {
  // Before Docker 26 a container without --network says "default", which on Linux is the network "bridge".
  if (mode === 'default' || mode === '') return 'bridge'
  return names.get(mode) ?? mode
}

/** Docker stores `--link db:data` of container web as `/db:/web/data`. */
function linkAsTyped(link: string): string {
  const [, target, alias] = /^\/([^:]*):\/.*\/([^/]*)$/.exec(link) ?? []
  return target === undefined ? link : `${target}:${alias}`
}

function attachments(networks: Record<string, Endpoint>, names: ReadonlyMap<string, string>): Attachment[] {
  return Object.entries(networks)
    .map(([key, endpoint]) => {
      const network = names.get(key) ?? key
      return attachment(network, endpoint, endpoint.NetworkID || idOf(network, names))
    })
    .sort((a, b) => (a.network < b.network ? -1 : 1))
}

function attachment(network: string, endpoint: Endpoint, networkId: string): Attachment {
  const { EndpointID, IPAddress, IPPrefixLen, GlobalIPv6Address, MacAddress, IPAMConfig } = endpoint
  const gateway = endpoint.Gateway ?? endpoint.IPv6Gateway
  return {
    networkId,
    network,
    ...(EndpointID !== undefined && { endpointId: EndpointID }),
    ...(IPAddress !== undefined && { ip: IPAddress, prefixLength: IPPrefixLen }),
    ...(GlobalIPv6Address !== undefined && { ip6: GlobalIPv6Address }),
    ...(gateway !== undefined && { gateway }),
    ...(MacAddress !== undefined && { mac: MacAddress }),
    ...(IPAMConfig?.IPv4Address !== undefined && { fixedIp: IPAMConfig.IPv4Address }),
    ...(IPAMConfig?.IPv6Address !== undefined && { fixedIp6: IPAMConfig.IPv6Address }),
    // Since Docker 25 the names that resolve stand in DNSNames, and Aliases holds only those asked for.
    aliases: [...new Set([...endpoint.Aliases, ...endpoint.DNSNames])].sort(),
    links: [...endpoint.Links].sort(),
  }
}

/** A container that was never started knows its networks by name only. */
function idOf(network: string, names: ReadonlyMap<string, string>): string {
  for (const [id, name] of names) if (name === network) return id
  return ''
}

function restartPolicy(policy: ContainerAnswer['HostConfig']['RestartPolicy']): string {
  const name = policy?.Name || 'no'
  return policy?.MaximumRetryCount ? `${name}:${policy.MaximumRetryCount}` : name
}

/** Go's zero time stands for "never". */
const happened = (time: string): boolean => time !== '' && !time.startsWith('0001-')
