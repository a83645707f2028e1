import { type Hop, type HopOf, visible } from '@hopscope/model'
import type { Namer } from './namer.ts'

/** The command that shows by hand what a hop tells; undefined where none does. */
export function hopByHand(hop: Hop, namer: Namer): string | undefined {
  const words = wordsOf(hop, namer)
  if (words === undefined) return undefined
  const into = namer.enter(hop.netns)
  // Names are looked up in files as well, which are the container's own.
  const enter = hop.kind === 'resolve' && into[0] === 'nsenter' ? [...into, '-m'] : into
  const [program, ...rest] = words
  // What iproute2 does itself needs no detour.
  const short = program === 'ip' && enter[0] === 'ip' && enter[3] !== undefined
  return (short ? ['ip', '-n', enter[3] ?? '', ...rest] : [...enter, ...words]).map(quoted).join(' ')
}

function wordsOf(hop: Hop, namer: Namer): string[] | undefined {
  switch (hop.kind) {
    case 'send':
      return hop.link && ['arping', '-c', '1', '-I', namer.link(hop.link), hop.flow?.dst ?? '']
    case 'resolve':
      return ['getent', 'hosts', hop.name]
    case 'arrive':
    case 'leave':
    case 'outside':
      return ['tcpdump', '-ni', namer.link(hop.link)]
    case 'chain':
      return chainWords(hop)
    case 'nat':
    case 'conntrack':
      return ['conntrack', '-L']
    case 'route':
      return routeWords(hop)
    case 'neighbour':
      return ['ip', 'neigh', 'show', hop.address, 'dev', namer.link(hop.link)]
    case 'veth':
    case 'macvlan':
      return ['ip', '-d', 'link', 'show', 'dev', namer.link(hop.from)]
    case 'tunnel':
      return ['ip', '-d', 'link', 'show', 'dev', namer.link(hop.link)]
    case 'bridge':
      return ['bridge', 'fdb', 'show', 'br', namer.link(hop.bridge)]
    case 'deliver':
      return hop.byKernel || hop.lladdr !== undefined ? undefined : ['ss', '-lntup']
  }
}

function chainWords({ engine, family, table, chain, hits }: HopOf<'chain'>): string[] {
  const iptables = engine === 'legacy' || hits.some(({ text }) => text?.startsWith('-A'))
  if (!iptables) return ['nft', 'list', 'chain', family, table, chain]
  const program = `${family === 'ip6' ? 'ip6tables' : 'iptables'}${engine === 'legacy' ? '-legacy' : ''}`
  return [program, '-t', table, '-nvL', chain, '--line-numbers']
}

function routeWords({ flow, dst, table }: HopOf<'route'>): string[] {
  if (flow) return ['ip', 'route', 'get', flow.dst]
  return [
    'ip',
    'route',
    'show',
    ...(dst === undefined ? [] : [dst]),
    ...(table === undefined ? [] : ['table', String(table)]),
  ]
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${visible(word).replaceAll("'", "'\\''")}'`
