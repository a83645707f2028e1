import { type HostSnapshot, nearNames, normalIp, recordsOf } from '@hopscope/model'
import type { Origin, Query } from './query.ts'
import type { AskErrorCode } from './words/codes.ts'

/** "Can it get there?", part by part as it was typed, right or not. */
export type Typed = { from: string; to: string; protocol?: string; port?: string }

/** What of a question cannot be meant. `near`: names that may have been; `known`: some that there are, where none is near. */
export type AskError = {
  code: AskErrorCode
  part: keyof Typed
  word: string
  near: readonly string[]
  known: readonly string[]
}

type Wanted = Omit<Query, 'from'>

/** The question that was typed, or what is wrong with it. */
export function readQuery(snapshot: HostSnapshot, typed: Typed): { query: Query } | { wrong: AskError } {
  const from = originOf(snapshot, typed.from)
  if ('wrong' in from) return from
  const wanted = readWanted(typed)
  return 'wrong' in wanted ? wanted : { query: { from: from.origin, ...wanted.wanted } }
}

/** Where a packet goes. Without a protocol it is tcp where a port is given, else icmp. */
export function readWanted({ to, protocol: typed, port: text = '' }: Typed): { wanted: Wanted } | { wrong: AskError } {
  if (to === '') return wrong('DESTINATION_MISSING', 'to', '')
  const protocol = typed ?? (text === '' ? 'icmp' : 'tcp')
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'icmp' && protocol !== 'arp')
    return wrong('UNKNOWN_PROTOCOL', 'protocol', protocol)
  if (protocol === 'icmp' || protocol === 'arp') {
    if (text !== '') return wrong(protocol === 'icmp' ? 'PORT_OF_ICMP' : 'PORT_OF_ARP', 'port', text)
    return { wanted: { to: normalIp(to) ?? to, protocol } }
  }
  if (text === '') return wrong('PORT_MISSING', 'port', protocol)
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) return wrong('NOT_A_PORT', 'port', text)
  return { wanted: { to: normalIp(to) ?? to, protocol, port } }
}

/** `web:80`, `[::1]:80` or `10.0.0.1` by its parts. */
export function splitDestination(text: string): Pick<Typed, 'to' | 'port'> {
  const found = /^(?:\[([^\]]+)\]|([^:]+)):([^:]*)$/.exec(text)
  if (found) return { to: found[1] ?? found[2] ?? '', port: found[3] ?? '' }
  return { to: /^\[([^\]]+)\]$/.exec(text)?.[1] ?? text }
}

/** A container or a namespace by what a person calls it; `host` and `root` are the host itself. */
export function originOf(snapshot: HostSnapshot, who: string): { origin: Origin } | { wrong: AskError } {
  if (who === '') return wrong('SENDER_MISSING', 'from', '')
  if (who === 'outside') return { origin: { kind: 'outside' } }
  if (who === 'root' || who === 'host') return { origin: { kind: 'netns', netns: snapshot.host.rootNetns } }
  const containers = recordsOf(snapshot, 'container')
  const container = containers.find((c) => c.name === who || c.containerId === who)
  if (container?.netns !== undefined) return { origin: { kind: 'netns', netns: container.netns } }
  if (container) return wrong('NOT_RUNNING', 'from', who)
  const spaces = recordsOf(snapshot, 'netns')
  const found = spaces.find(
    ({ id, names }) => id === who || names.some(({ name, by }) => name === who && by === 'iproute2'),
  )
  if (found) return { origin: { kind: 'netns', netns: found.id } }
  const known = sendersOf(snapshot)
  const near = nearNames(who, known)
  return { wrong: { code: 'UNKNOWN_SENDER', part: 'from', word: who, near, known: near.length > 0 ? [] : known } }
}

/** The names of all that can send: the host and outside first, then containers that run, then namespaces with a name. */
export function sendersOf(snapshot: HostSnapshot): string[] {
  const containers = recordsOf(snapshot, 'container').flatMap((c) => (c.netns === undefined ? [] : [c.name]))
  const spaces = recordsOf(snapshot, 'netns').flatMap(({ names }) =>
    names.flatMap(({ name, by }) => (by === 'iproute2' ? [name] : [])),
  )
  return [...new Set(['host', 'outside', ...containers.sort(), ...spaces.sort()])]
}

/** What a namespace is called in a question. */
export function senderOf(snapshot: HostSnapshot, netns: string): string {
  if (netns === snapshot.host.rootNetns) return 'host'
  const shared = recordsOf(snapshot, 'container').filter((c) => c.netns === netns)
  const container = shared.find(({ networkMode }) => !networkMode.startsWith('container:')) ?? shared[0]
  if (container) return container.name
  return snapshot.records.netns[netns]?.names.find(({ by }) => by === 'iproute2')?.name ?? netns
}

/** Somewhere to go to, with its name where it has one. */
export type Destination = { address: string; name?: string; netns: string }

/** The addresses of all containers that run, then those of the host itself; none that means nothing without its link. */
export function destinationsOf(snapshot: HostSnapshot): Destination[] {
  const all: Destination[] = []
  for (const { name, netns, attachments } of recordsOf(snapshot, 'container')) {
    if (netns === undefined) continue
    for (const address of attachments.flatMap(({ ip, ip6 }) => [ip, ip6]))
      if (address) all.push({ address, name, netns })
  }
  all.sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
  const { rootNetns } = snapshot.host
  for (const { netns, local } of recordsOf(snapshot, 'address'))
    if (netns === rootNetns && !/^fe80:/i.test(local)) all.push({ address: local, netns })
  return all
}

/** Where a name may lead that its sender cannot resolve: addresses of whoever has it, else names like it. */
export function destinationsLike(snapshot: HostSnapshot, to: string): { addresses: string[]; near: string[] } {
  const all = destinationsOf(snapshot)
  const addresses = all.filter(({ name }) => name === to).map(({ address }) => address)
  if (addresses.length > 0) return { addresses, near: [] }
  const names = [...new Set(all.flatMap(({ name }) => (name === undefined ? [] : [name])))]
  return { addresses, near: nearNames(to, names) }
}

const wrong = (code: AskErrorCode, part: keyof Typed, word: string): { wrong: AskError } => ({
  wrong: { code, part, word, near: [], known: [] },
})
