import type { HostSnapshot, Link } from '@hopscope/model'
import type { ByHand } from './fact.ts'
import { inNamespace } from './namespace.ts'
import { quote } from './quote.ts'

/** What every link has, and what being a veth, a child or a port adds. */
export function linkFacts(s: HostSnapshot, l: Link): ByHand[] {
  const run = inNamespace(s, l.netns)
  const name = quote(l.name)
  const facts = [
    { fact: 'link', command: run.ip(`-d link show dev ${name}`) },
    { fact: 'counters', command: run.ip(`-s link show dev ${name}`) },
    { fact: 'addresses', command: run.ip(`addr show dev ${name}`) },
    { fact: 'neighbours', command: run.ip(`neigh show dev ${name}`) },
    { fact: 'routes', command: run.ip(`route show table all dev ${name}`) },
  ]
  const peer = farLink(s, l)
  if (peer) {
    const fact = l.info.kind === 'veth' ? 'peer' : 'lower'
    facts.push({ fact, command: inNamespace(s, peer.netns).ip(`-d link show dev ${quote(peer.name)}`) })
  }
  if (l.port) {
    facts.push({ fact: 'port', command: run.bridge(`-d link show dev ${name}`) })
    facts.push({ fact: 'fdb', command: run.bridge(`fdb show dev ${name}`) })
  }
  if (l.info.kind === 'vxlan' && !l.port) facts.push({ fact: 'fdb', command: run.bridge(`fdb show dev ${name}`) })
  if (l.info.kind === 'wireguard') facts.push({ fact: 'peers', command: run.any(`wg show ${name}`) })
  return facts
}

/** What being a bridge adds. */
export function bridgeFacts(s: HostSnapshot, l: Link): ByHand[] {
  if (l.info.kind !== 'bridge') return []
  const run = inNamespace(s, l.netns)
  const name = quote(l.name)
  return [
    { fact: 'bridge', command: run.any(`brctl show ${name}`) },
    { fact: 'ports', command: run.ip(`link show master ${name}`) },
    { fact: 'fdb', command: run.bridge(`fdb show br ${name}`) },
    { fact: 'cam', command: run.any(`brctl showmacs ${name}`) },
    { fact: 'stp', command: run.any(`brctl showstp ${name}`) },
  ]
}

function farLink(s: HostSnapshot, l: Link): Link | undefined {
  if (l.linkNetns === null) return undefined
  const index = l.iflink ?? (l.linkNetns === undefined ? undefined : l.index)
  const netns = l.linkNetns ?? l.netns
  return Object.values(s.records.link).find((p) => p !== l && p.netns === netns && p.index === index)
}
