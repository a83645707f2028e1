import type { Field, Values } from '../rule.ts'
import { addresses, addresses6, icmp6Types, icmpTypes, integer, ports, protocols, span, words } from '../values.ts'
import type { Reader } from './reader.ts'

type Readable = { field: Field; read: (text: string) => Values | undefined }

const upper = (text: string): Values => words(text.toUpperCase())
const name = (text: string): Values => words(text.replace(/\*$/, '+'))

/** Keys of nft by their words, the longest first. What must hold beside, the protocol or the family, is in `needs`. */
const KEYS: Readonly<Record<string, Readable & { needs?: string }>> = {
  'ip saddr': { field: 'src', read: addresses },
  'ip daddr': { field: 'dst', read: addresses },
  'ip protocol': { field: 'protocol', read: protocols, needs: 'ip' },
  'ip ttl': { field: 'ttl', read: ports, needs: 'ip' },
  'ip length': { field: 'length', read: ports, needs: 'ip' },
  'ip6 saddr': { field: 'src6', read: addresses6, needs: 'ip6' },
  'ip6 daddr': { field: 'dst6', read: addresses6, needs: 'ip6' },
  'ip6 nexthdr': { field: 'nextHeader', read: protocols, needs: 'ip6' },
  'ip6 hoplimit': { field: 'hopLimit', read: ports, needs: 'ip6' },
  'meta length': { field: 'length', read: ports },
  'meta l4proto': { field: 'protocol', read: protocols },
  'meta nfproto': { field: 'family', read: words },
  'meta protocol': { field: 'etherType', read: words },
  'ether type': { field: 'etherType', read: words },
  'meta iifname': { field: 'iif', read: name },
  'meta oifname': { field: 'oif', read: name },
  'meta iif': { field: 'iif', read: words },
  'meta oif': { field: 'oif', read: words },
  'meta mark': { field: 'mark', read: mark },
  'meta skuid': { field: 'uid', read: ports },
  'ct state': { field: 'ctState', read: upper },
  'ct status': { field: 'ctStatus', read: upper },
  'ct direction': { field: 'ctDirection', read: upper },
  'ct mark': { field: 'ctMark', read: mark },
  'arp operation': { field: 'arpOperation', read: words, needs: 'arp' },
  'arp saddr ip': { field: 'arpSrc', read: addresses, needs: 'arp' },
  'arp daddr ip': { field: 'arpDst', read: addresses, needs: 'arp' },
  'tcp sport': { field: 'sport', read: ports, needs: 'tcp' },
  'tcp dport': { field: 'dport', read: ports, needs: 'tcp' },
  'udp sport': { field: 'sport', read: ports, needs: 'udp' },
  'udp dport': { field: 'dport', read: ports, needs: 'udp' },
  'th sport': { field: 'sport', read: ports },
  'th dport': { field: 'dport', read: ports },
  'icmp type': { field: 'icmpType', read: icmpTypes, needs: 'icmp' },
  'icmpv6 type': { field: 'icmp6Type', read: icmp6Types, needs: 'icmpv6' },
  'fib saddr type': { field: 'srcType', read: upper },
  'fib daddr type': { field: 'dstType', read: upper },
  iifname: { field: 'iif', read: name },
  oifname: { field: 'oif', read: name },
  iif: { field: 'iif', read: words },
  oif: { field: 'oif', read: words },
  mark: { field: 'mark', read: mark },
}

function mark(text: string): Values | undefined {
  const range = span(text, integer)
  return range && { kind: 'ranges', ranges: [range] }
}

export type Key = { keys: readonly (Readable & { needs?: string })[]; text: string }

/** `ip saddr`, or several with dots between. */
export function readKey(reader: Reader): Key | undefined {
  const start = reader.at
  const keys: Key['keys'][number][] = []
  do {
    const found = [3, 2, 1].map((n) => ({ n, key: KEYS[wordsOf(reader, n)] })).find(({ key }) => key !== undefined)
    if (!found?.key) {
      reader.at = start
      return undefined
    }
    reader.at += found.n
    keys.push(found.key)
  } while (reader.take('.'))
  return { keys, text: keys.map(({ field }) => field).join(' . ') }
}

const wordsOf = (reader: Reader, n: number): string => Array.from({ length: n }, (_, i) => reader.peek(i)).join(' ')
