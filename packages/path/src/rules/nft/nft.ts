import type { FwSets } from '@hopscope/model'
import { REJECT_CODES } from '../iptables.ts'
import type { Statement, Statements } from '../rule.ts'
import { tokens } from '../tokens.ts'
import { integer } from '../values.ts'
import { readMatch } from './match.ts'
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
      statements.push({ kind: 'unknown', what: reader.textFrom(start) })
      return statements
    }
    statements.push(...read)
  }
  return text.trim() === '' ? [{ kind: 'unknown', what: 'a rule without text' }] : statements
}

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
      return readSet(reader) ?? readMatch(reader)
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return readNat(reader)
    case 'reject':
      return readReject(reader)
    case 'queue':
      reader.at = Number.MAX_SAFE_INTEGER
      return [{ kind: 'queue' }]
  }
  const verdict = readVerdict(reader)
  return verdict ? [verdict] : readMatch(reader)
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

/** `meta mark set 0x1`, `ct mark set meta mark`, `meta mark set ct mark`, `meta mark set mark or 0x1`. */
function readSet(reader: Reader): Statement[] | undefined {
  if (reader.peek(2) !== 'set') return undefined
  if (reader.take('meta', 'nftrace', 'set')) {
    reader.next()
    return [{ kind: 'nothing' }]
  }
  if (reader.peek(1) !== 'mark') return undefined
  const start = reader.at
  const kind = reader.next() === 'meta' ? 'mark' : 'ctMark'
  reader.at += 2
  if (kind === 'ctMark' && reader.take('meta', 'mark')) return [{ kind: 'saveMark', mask: 0xffffffff }]
  if (kind === 'mark' && reader.take('ct', 'mark')) return [{ kind: 'restoreMark', mask: 0xffffffff }]
  const value = integer(reader.next())
  const more = reader.peek()
  if (value !== undefined && !['and', 'or', 'xor', '&', '|', '^', 'map'].includes(more))
    return [{ kind, mask: 0xffffffff, value }]
  reader.at = start
  return undefined
}

function readReject(reader: Reader): Statement[] | undefined {
  reader.next()
  if (!reader.take('with')) return [{ kind: 'reject', with: 'icmp', code: 3 }]
  if (reader.take('tcp', 'reset')) return [{ kind: 'reject', with: 'tcp-reset', code: 0 }]
  const family = reader.next()
  reader.take('type')
  const code = reader.next()
  if (family !== 'icmp' && family !== 'icmpx') return undefined
  const icmpx: Record<string, number> = {
    'no-route': 0,
    'host-unreachable': 1,
    'port-unreachable': 3,
    'admin-prohibited': 13,
  }
  const n = family === 'icmpx' ? icmpx[code] : REJECT_CODES[`icmp-${code}`]
  return n === undefined ? undefined : [{ kind: 'reject', with: 'icmp', code: n }]
}
