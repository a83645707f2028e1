import { type Container, type HostSnapshot, recordsOf } from '@hopscope/model'
import { toNumber } from './ipv4.ts'

/** What a name leads to from a namespace. `outside`: a name server that cannot be seen would be asked. */
export type Resolved =
  | { address: string; how: 'hosts' | 'docker' }
  | { doubt: 'outside' | 'several' | 'unknownHere'; near?: string }

/** Docker's own name server, in the namespaces of containers on networks that people made. */
const DOCKER_DNS = '127.0.0.11'

/** Resolves a name as a program in this namespace would. Same as "getent hosts NAME", run there. */
export function resolveName(snapshot: HostSnapshot, netns: string, name: string): Resolved {
  const container = containerOf(snapshot, netns)
  if (container?.etcHosts === undefined) return { doubt: 'unknownHere', near: addressOfContainer(snapshot, name) }
  const fromFile = inHosts(container.etcHosts, name)
  if (fromFile !== undefined) return { address: fromFile, how: 'hosts' }
  if (!serversOf(container).includes(DOCKER_DNS)) return { doubt: 'outside', near: addressOfContainer(snapshot, name) }
  const found = inDocker(snapshot, ownerOf(snapshot, container), name)
  const [address, ...more] = found
  if (address === undefined) return { doubt: 'outside', near: addressOfContainer(snapshot, name) }
  return more.length > 0 ? { doubt: 'several', near: address } : { address, how: 'docker' }
}

function containerOf(snapshot: HostSnapshot, netns: string): Container | undefined {
  const there = recordsOf(snapshot, 'container').filter((c) => c.netns === netns && c.etcHosts !== undefined)
  return there.find((c) => !c.networkMode.startsWith('container:')) ?? there[0]
}

/** Who shares another container's namespace is on its networks. */
function ownerOf(snapshot: HostSnapshot, container: Container): Container {
  const [kind, id] = container.networkMode.split(':')
  if (kind !== 'container') return container
  return recordsOf(snapshot, 'container').find((c) => c.containerId === id) ?? container
}

function inHosts(text: string, name: string): string | undefined {
  const wanted = name.toLowerCase()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (toNumber(address) !== undefined && names.some((n) => n.toLowerCase() === wanted)) return address
  }
  return undefined
}

const serversOf = ({ resolvConf = '' }: Container): string[] =>
  [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, server = '']) => server)

/** Addresses of containers on networks of this one that go by the name there. */
function inDocker(snapshot: HostSnapshot, from: Container, name: string): string[] {
  const wanted = name.toLowerCase()
  const linked = from.attachments.flatMap(({ links }) => links).map(linkOf)
  const alias = linked.find((link) => link.alias.toLowerCase() === wanted)?.name.toLowerCase()
  const found = new Set<string>()
  for (const { networkId, network } of from.attachments) {
    for (const other of recordsOf(snapshot, 'container')) {
      const there = other.attachments.find((a) => a.networkId === networkId)
      if (!there?.ip || other.state !== 'running') continue
      const names = [other.name, ...there.aliases, other.containerId.slice(0, 12), other.hostname].map((n) =>
        n.toLowerCase(),
      )
      const fits = names.includes(alias ?? wanted) || names.some((n) => `${n}.${network.toLowerCase()}` === wanted)
      if (fits) found.add(there.ip)
    }
  }
  return [...found]
}

function linkOf(text: string): { name: string; alias: string } {
  const [name = '', alias] = text.split(':')
  return { name: name.replace(/^\//, ''), alias: alias?.split('/').at(-1) ?? name }
}

function addressOfContainer(snapshot: HostSnapshot, name: string): string | undefined {
  return recordsOf(snapshot, 'container')
    .find((c) => c.name === name)
    ?.attachments.find(({ ip }) => ip)?.ip
}
