import type { HostSnapshot, RecordKind, RecordOf } from '@hopscope/model'
import { dockerFacts } from './byHand/docker.ts'
import type { ByHand } from './byHand/fact.ts'
import { firewallFacts } from './byHand/firewall.ts'
import { bridgeFacts, linkFacts } from './byHand/link.ts'
import { inNamespace } from './byHand/namespace.ts'
import { quote } from './byHand/quote.ts'

/** The commands that show by hand what a record says; empty when the record is not there. Pure. */
export function commandsFor(snapshot: HostSnapshot, kind: RecordKind, id: string): ByHand[] {
  switch (kind) {
    case 'link':
      return withRecord(snapshot, kind, id, (l) => [...linkFacts(snapshot, l), ...bridgeFacts(snapshot, l)])
    case 'netns':
      return withRecord(snapshot, kind, id, (n) => netnsFacts(snapshot, n))
    case 'fwTable':
    case 'fwChain':
    case 'fwRule':
      return firewallFacts(snapshot, kind, id)
    case 'container':
    case 'dockerNetwork':
    case 'dockerEngine':
      return dockerFacts(snapshot, kind, id)
    case 'source':
      return []
    default:
      return addressingFacts(snapshot, kind, id)
  }
}

function addressingFacts(snapshot: HostSnapshot, kind: RecordKind, id: string): ByHand[] {
  switch (kind) {
    case 'address':
      return withRecord(snapshot, kind, id, (a) => {
        const run = inNamespace(snapshot, a.netns)
        return [{ fact: 'address', command: run.ip(`${v6(a.family)}addr show ${dev(snapshot, a)}to ${a.local}`) }]
      })
    case 'route':
      return withRecord(snapshot, kind, id, (r) => routeFacts(snapshot, r))
    case 'policyRule':
      return withRecord(snapshot, kind, id, (r) => [
        { fact: 'policyRule', command: inNamespace(snapshot, r.netns).ip(`${v6(r.family)}rule show`) },
      ])
    case 'neighbour':
      return withRecord(snapshot, kind, id, (n) => neighbourFacts(snapshot, n))
    case 'fdb':
      return withRecord(snapshot, kind, id, (f) => fdbFacts(snapshot, f))
    case 'sysctl':
      return withRecord(snapshot, kind, id, (s) => sysctlFacts(snapshot, s))
    case 'conntrack':
      return withRecord(snapshot, kind, id, (c) => conntrackFacts(snapshot, c))
    case 'socket':
      return withRecord(snapshot, kind, id, (s) => socketFacts(snapshot, s))
    default:
      return []
  }
}

function withRecord<K extends RecordKind>(
  s: HostSnapshot,
  kind: K,
  id: string,
  facts: (r: RecordOf<K>) => ByHand[],
): ByHand[] {
  const table: Readonly<Record<string, RecordOf<K>>> = s.records[kind]
  const record = table[id]
  return record === undefined ? [] : facts(record)
}

const v6 = (family: string): string => (family === 'inet6' ? '-6 ' : '')

/** `dev eth0 `, when the link is known. */
function dev(s: HostSnapshot, at: { netns: string; index?: number | undefined }): string {
  const name = linkName(s, at)
  return name === undefined ? '' : `dev ${quote(name)} `
}

function linkName(s: HostSnapshot, at: { netns: string; index?: number | undefined }): string | undefined {
  return Object.values(s.records.link).find((l) => l.netns === at.netns && l.index === at.index)?.name
}

function netnsFacts(s: HostSnapshot, n: RecordOf<'netns'>): ByHand[] {
  const run = inNamespace(s, n.id)
  const named = n.names.find((x) => x.by === 'iproute2')
  const first = n.processes[0]
  const facts = [{ fact: 'namespaces', command: 'lsns -t net' }]
  if (named) facts.push({ fact: 'names', command: 'ip netns list' })
  if (named) facts.push({ fact: 'processes', command: `ip netns pids ${quote(named.name)}` })
  facts.push({
    fact: 'inode',
    command: first ? `readlink /proc/${first.pid}/ns/net` : `stat -L -c %i ${quote(n.path)}`,
  })
  facts.push({ fact: 'link', command: run.ip('link show') }, { fact: 'addresses', command: run.ip('addr show') })
  facts.push({ fact: 'routes', command: run.ip('route show table all') })
  facts.push(
    { fact: 'policyRules', command: run.ip('rule show') },
    { fact: 'neighbours', command: run.ip('neigh show') },
  )
  facts.push(
    { fact: 'sockets', command: run.any('ss -lntup') },
    { fact: 'conntrack', command: run.any('conntrack -L') },
  )
  return facts
}

function routeFacts(s: HostSnapshot, r: RecordOf<'route'>): ByHand[] {
  const run = inNamespace(s, r.netns)
  const table = { 254: 'main', 255: 'local', 253: 'default' }[r.table] ?? String(r.table)
  const exact = r.dst === 'default' ? 'default' : `exact ${r.dst}`
  const facts = [{ fact: 'route', command: run.ip(`${v6(r.family)}route show table ${table} ${exact}`) }]
  const probe = r.dst === 'default' ? r.gateway : r.dst.split('/')[0]
  if (probe !== undefined) facts.push({ fact: 'lookup', command: run.ip(`${v6(r.family)}route get ${probe}`) })
  return facts
}

function neighbourFacts(s: HostSnapshot, n: RecordOf<'neighbour'>): ByHand[] {
  const run = inNamespace(s, n.netns)
  const proxy = n.proxy ? 'proxy ' : ''
  const facts = [
    { fact: 'neighbour', command: run.ip(`${v6(n.family)}neigh show ${proxy}${dev(s, n)}to ${n.address}`) },
  ]
  if (n.family === 'inet') facts.push({ fact: 'arp', command: run.any('arp -n') })
  return facts
}

function fdbFacts(s: HostSnapshot, f: RecordOf<'fdb'>): ByHand[] {
  const run = inNamespace(s, f.netns)
  const facts = [{ fact: 'fdb', command: run.bridge(`fdb show ${dev(s, f)}`.trim()) }]
  const bridge = f.master === undefined ? undefined : linkName(s, { netns: f.netns, index: f.master })
  if (bridge !== undefined) facts.push({ fact: 'cam', command: run.any(`brctl showmacs ${quote(bridge)}`) })
  return facts
}

function sysctlFacts(s: HostSnapshot, y: RecordOf<'sysctl'>): ByHand[] {
  const run = inNamespace(s, y.netns)
  const facts = [
    { fact: 'forwarding', command: run.any('sysctl net.ipv4.ip_forward') },
    { fact: 'forwarding6', command: run.any('sysctl net.ipv6.conf.all.forwarding') },
    { fact: 'rpFilter', command: run.any('sysctl net.ipv4.conf.all.rp_filter') },
  ]
  if (y.bridgeNfCallIptables !== undefined)
    facts.push({ fact: 'bridgeNf', command: run.any('sysctl net.bridge.bridge-nf-call-iptables') })
  return facts
}

function conntrackFacts(s: HostSnapshot, c: RecordOf<'conntrack'>): ByHand[] {
  const ports = [
    ...(c.orig.sport === undefined ? [] : ['--sport', c.orig.sport]),
    ...(c.orig.dport === undefined ? [] : ['--dport', c.orig.dport]),
  ]
  const family = c.family === 'inet6' ? ['-f', 'ipv6'] : []
  const words = ['conntrack -L', ...family, '-p', c.protocol, '-s', c.orig.src, '-d', c.orig.dst, ...ports]
  return [{ fact: 'conntrack', command: inNamespace(s, c.netns).any(words.join(' ')) }]
}

function socketFacts(s: HostSnapshot, k: RecordOf<'socket'>): ByHand[] {
  const flag = { tcp: 'lt', udp: 'u', raw: 'w' }[k.protocol]
  const all = k.protocol === 'tcp' ? '' : 'a'
  const filter = k.protocol === 'raw' ? '' : ` ${quote(`sport = :${k.port}`)}`
  return [{ fact: 'socket', command: inNamespace(s, k.netns).any(`ss -${all}${flag}np${filter}`) }]
}
