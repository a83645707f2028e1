import type { FwSets } from '@hopscope/model'
import { REJECT_CODES } from '../iptables.ts'
import type { Statement, Statements } from '../rule.ts'
import { tokens } from '../tokens.ts'
import { readChance } from './chance.ts'
import { readMarking } from './marks.ts'
import { impliedBy, readMatch } from './match.ts'
import { readNat } from './nat.ts'
import { Reader } from './reader.ts'
import { readVerdict } from './verdict.ts'

/** What nft says of a rule, in order. From the first word that is not understood on, it is named as such. `sets`: those of its table. */
export function parseNftRule(text: string, sets: FwSets = {}): Statements {
  const reader = new Reader(tokens(text, '{},'), sets)
  const statements: Statement[] = []
  while (!reader.ended()) {
    const start = reader.at
    const read = readStatement(reader)
    if (read === undefined) {
      const what = reader.textFrom(start)
      const only = ONLY_FOR.find(([form]) => form.test(what))?.[1]
      statements.push(...(only === undefined ? [] : [impliedBy(only)]), { kind: 'unknown', what })
      return statements
    }
    statements.push(...read)
  }
  return text.trim() === '' ? [{ kind: 'unknown', what: 'a rule without text' }] : statements
}

/** What is not understood, but concerns packets of one family or protocol at most. */
const ONLY_FOR: readonly (readonly [RegExp, string])[] = [
  [/^(?:ip6|(?:dnat|snat|masquerade|redirect|tproxy|dup|fwd) ip6) /, 'ip6'],
  [/^arp /, 'arp'],
  [/^icmpv6 /, 'icmpv6'],
  [/^icmp /, 'icmp'],
  [/^tcp /, 'tcp'],
  [/^udp /, 'udp'],
]

function readStatement(reader: Reader): Statement[] | undefined {
  const word = reader.peek()
  switch (word) {
    case 'counter':
      reader.next()
      while (reader.take('packets') || reader.take('bytes')) reader.next()
      return [{ kind: 'nothing' }]
    case 'comment':
      reader.at += 2
      return []
    case 'log':
      reader.next()
      skipLog(reader)
      return [{ kind: 'nothing' }]
    case 'notrack':
      reader.next()
      return [{ kind: 'notrack' }]
    case 'limit':
    case 'quota':
      return chance(reader)
    case 'meta':
    case 'ct':
      if (reader.take('meta', 'nftrace', 'set')) {
        reader.next()
        return [{ kind: 'nothing' }]
      }
      return readMarking(reader) ?? readMatch(reader)
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return readNat(reader)
    case 'reject':
      return readReject(reader)
    case 'tcp':
      return readMss(reader) ?? readMatch(reader)
    case 'numgen':
      return readChance(reader)
    case 'queue':
      reader.at = Number.MAX_SAFE_INTEGER
      return [{ kind: 'queue' }]
  }
  const verdict = readVerdict(reader)
  return verdict ? [verdict] : readMatch(reader)
}

/** `tcp option maxseg size set rt mtu`: what begins a connection has that option, and goes on. */
function readMss(reader: Reader): Statement[] | undefined {
  if (!reader.take('tcp', 'option', 'maxseg', 'size', 'set')) return undefined
  if (!reader.take('rt', 'mtu')) reader.next()
  return [impliedBy('tcp'), { kind: 'nothing' }]
}

/** `limit rate over 10/second burst 5 packets`: it depends on how many came before. */
function chance(reader: Reader): Statement[] {
  const start = reader.at
  reader.next()
  while (reader.take('rate') || reader.take('over') || reader.take('until'));
  reader.next()
  if (/^(bytes|kbytes|mbytes)/.test(reader.peek())) reader.next()
  if (reader.take('burst')) reader.at += 2
  return [{ kind: 'maybe', what: reader.textFrom(start) }]
}

function skipLog(reader: Reader): void {
  for (;;) {
    if (['prefix', 'level', 'group', 'snaplen', 'queue-threshold'].includes(reader.peek())) reader.at += 2
    else if (reader.peek() === 'flags') reader.at += reader.peek(1) === 'all' ? 2 : 3
    else return
  }
}

function readReject(reader: Reader): Statement[] | undefined {
  reader.next()
  if (!reader.take('with')) return [{ kind: 'reject', with: 'icmp', code: 3, code6: 4 }]
  if (reader.take('tcp', 'reset')) return [impliedBy('tcp'), { kind: 'reject', with: 'tcp-reset', code: 0 }]
  const family = reader.next()
  reader.take('type')
  const code = reader.next()
  if (family === 'icmpv6') return readReject6(code)
  if (family !== 'icmp' && family !== 'icmpx') return undefined
  if (family === 'icmpx') {
    const codes = ICMPX[code]
    return codes && [{ kind: 'reject', with: 'icmp', ...codes }]
  }
  const n = REJECT_CODES[`icmp-${code}`]
  return n === undefined ? undefined : [impliedBy('ip'), { kind: 'reject', with: 'icmp', code: n }]
}

/** What nft says for both families. */
const ICMPX: Readonly<Record<string, { code: number; code6: number }>> = {
  'no-route': { code: 0, code6: 0 },
  'host-unreachable': { code: 1, code6: 3 },
  'port-unreachable': { code: 3, code6: 4 },
  'admin-prohibited': { code: 13, code6: 1 },
}

function readReject6(code: string): Statement[] | undefined {
  const n = REJECT_CODES[`icmp6-${code === 'admin-prohibited' ? 'adm-prohibited' : code}`]
  return n === undefined ? undefined : [impliedBy('ip6'), { kind: 'reject', with: 'icmp', code: n }]
}
