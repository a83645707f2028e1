import { natTarget, REJECT_CODES, span } from './iptables.ts'
import type { Action, Field, Match, Statement, Statements, Values } from './rule.ts'
import { tokens } from './tokens.ts'
import { addresses, icmpTypes, integer, masked, number, port, ports, protocols, words } from './values.ts'

type Readable = { field: Field; read: (text: string) => Values | undefined }

const upper = (text: string): Values => words(text.toUpperCase())
const name = (text: string): Values => words(text.replace(/\*$/, '+'))

/** Keys of nft by their words, the longest first. What must hold beside, such as the protocol, is in `needs`. */
const KEYS: Readonly<Record<string, Readable & { needs?: string }>> = {
  'ip saddr': { field: 'src', read: addresses },
  'ip daddr': { field: 'dst', read: addresses },
  'ip protocol': { field: 'protocol', read: protocols },
  'ip ttl': { field: 'ttl', read: ports },
  'ip length': { field: 'length', read: ports },
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
  'tcp sport': { field: 'sport', read: ports, needs: 'tcp' },
  'tcp dport': { field: 'dport', read: ports, needs: 'tcp' },
  'udp sport': { field: 'sport', read: ports, needs: 'udp' },
  'udp dport': { field: 'dport', read: ports, needs: 'udp' },
  'th sport': { field: 'sport', read: ports },
  'th dport': { field: 'dport', read: ports },
  'icmp type': { field: 'icmpType', read: icmpTypes, needs: 'icmp' },
  'fib saddr type': { field: 'srcType', read: upper },
  'fib daddr type': { field: 'dstType', read: upper },
  iifname: { field: 'iif', read: name },
  oifname: { field: 'oif', read: name },
  iif: { field: 'iif', read: words },
  oif: { field: 'oif', read: words },
  mark: { field: 'mark', read: mark },
}

function mark(text: string): Values | undefined {
  const n = integer(text)
  return n === undefined ? undefined : number(n)
}

/** What nft says of a rule, in order. From the first word that is not understood on, it is named as such. */
export function parseNftRule(text: string): Statements {
  const reader = new Reader(tokens(text, '{},'))
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

class Reader {
  at = 0
  private readonly words: readonly string[]
  constructor(all: readonly string[]) {
    this.words = all
  }
  ended = (): boolean => this.at >= this.words.length
  next = (): string => this.words[this.at++] ?? ''
  peek = (ahead = 0): string => this.words[this.at + ahead] ?? ''
  take(...expected: string[]): boolean {
    if (!expected.every((word, i) => this.peek(i) === word)) return false
    this.at += expected.length
    return true
  }
  textFrom = (start: number): string => this.words.slice(start).join(' ')
}

const VERDICTS = new Set(['accept', 'drop', 'return', 'continue'])

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

function readVerdict(reader: Reader): Action | undefined {
  const word = reader.peek()
  if (VERDICTS.has(word)) {
    reader.next()
    return { kind: word as 'accept' | 'drop' | 'return' | 'continue' } // the set above holds these
  }
  if (word !== 'jump' && word !== 'goto') return undefined
  reader.next()
  return { kind: word, chain: reader.next() }
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

const NAT_FLAGS = new Set(['random', 'fully-random', 'persistent'])

function readNat(reader: Reader): Statement[] | undefined {
  const kind = reader.next()
  const family = reader.take('ip')
  if (!family && (reader.peek() === 'ip6' || reader.peek() === 'ip')) return undefined
  let action: Action | undefined
  if (kind === 'masquerade' || kind === 'redirect') action = redirection(kind, reader)
  else if ((kind === 'dnat' || kind === 'snat') && reader.take('to')) {
    const mapped = readMap(reader, (text) => translation(kind, text))
    action = mapped ?? translation(kind, reader.next())
  }
  while (NAT_FLAGS.has(reader.peek()) || reader.peek() === ',') reader.next()
  return action && [action]
}

function redirection(kind: 'masquerade' | 'redirect', reader: Reader): Action | undefined {
  if (!reader.take('to')) return { kind }
  const found = span(reader.next().replace(/^:/, ''), port)
  return found && { kind, ports: found }
}

function translation(kind: 'dnat' | 'snat', text: string): Action | undefined {
  const to = natTarget(text)
  return to && { kind, to }
}

type Key = { keys: readonly (Readable & { needs?: string })[]; text: string }

/** `ip saddr`, or several with dots between. */
function readKey(reader: Reader): Key | undefined {
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

/** Matches for the protocols that the keys of a match stand for. */
const needed = ({ keys }: Key): Match[] =>
  [...new Set(keys.flatMap(({ needs }) => needs ?? []))].map((protocol) => ({
    kind: 'match',
    fields: ['protocol'],
    not: false,
    alternatives: [[protocols(protocol) ?? number(-1)]],
    text: protocol,
  }))

function readMatch(reader: Reader): Statement[] | undefined {
  const start = reader.at
  const flags = readTcpFlags(reader)
  if (flags) return flags
  const key = readKey(reader)
  if (!key) return undefined
  const fields = key.keys.map(({ field }) => field)
  if (reader.take('vmap')) {
    const entries = readEntries(reader, key, readVerdict)
    return entries && [...needed(key), { kind: 'map', fields, entries }]
  }
  const bits = readBits(reader, key)
  if (bits) return bits
  const not = reader.take('!=')
  if (!not) reader.take('==')
  // Elements of a set that has a name are in no record: it may hold or not.
  if (reader.peek().startsWith('@')) return [...needed(key), { kind: 'maybe', what: `${key.text} ${reader.next()}` }]
  const alternatives = reader.take('{') ? readElements(reader, key) : readPlain(reader, key)
  if (!alternatives) {
    reader.at = start
    return undefined
  }
  const text = reader
    .textFrom(start)
    .split(' ')
    .slice(0, reader.at - start)
    .join(' ')
  return [...needed(key), { kind: 'match', fields, not, alternatives, text }]
}

/** `meta mark & 0xff == 0x1`, `ct mark and 0xff == 0x1`. */
function readBits(reader: Reader, { keys }: Key): Statement[] | undefined {
  const [key] = keys
  if (!key || (reader.peek() !== '&' && reader.peek() !== 'and')) return undefined
  const start = reader.at
  reader.next()
  const mask = integer(reader.next())
  const not = reader.take('!=')
  if (!not) reader.take('==')
  const read = masked(reader.next())
  if (mask === undefined || !read || !['mark', 'ctMark'].includes(key.field)) {
    reader.at = start
    return undefined
  }
  const values: Values = { kind: 'masked', mask, value: read.value }
  return [{ kind: 'match', fields: [key.field], not, alternatives: [[values]], text: `${key.field} & ${mask}` }]
}

/** `tcp flags syn / fin,syn,rst,ack`, `tcp flags & (fin | syn) == syn`: only the first of both. */
function readTcpFlags(reader: Reader): Statement[] | undefined {
  if (reader.peek() !== 'tcp' || reader.peek(1) !== 'flags') return undefined
  const start = reader.at
  reader.at += 2
  const list = (): string[] => {
    const found = [reader.next().toUpperCase()]
    while (reader.take(',')) found.push(reader.next().toUpperCase())
    return found
  }
  const set = list()
  if (!reader.take('/')) {
    reader.at = start
    return undefined
  }
  const of = list()
  const key = { keys: [{ field: 'tcpFlags' as const, read: () => undefined, needs: 'tcp' }], text: 'tcp flags' }
  return [
    ...needed(key),
    {
      kind: 'match',
      fields: ['tcpFlags'],
      not: false,
      alternatives: [[{ kind: 'flags', of, set }]],
      text: 'tcp flags',
    },
  ]
}

/** One value, or several with commas: `ct state established,related`. */
function readPlain(reader: Reader, key: Key): Values[][] | undefined {
  const all: Values[][] = []
  do {
    const values = readTuple(reader, key)
    if (!values) return undefined
    all.push(values)
  } while (reader.take(','))
  return all
}

function readElements(reader: Reader, key: Key): Values[][] | undefined {
  const all: Values[][] = []
  while (!reader.take('}')) {
    const values = readTuple(reader, key)
    if (!values) return undefined
    all.push(values)
    if (!reader.take(',') && reader.peek() !== '}') return undefined
  }
  return all
}

function readTuple(reader: Reader, { keys }: Key): Values[] | undefined {
  const all: Values[] = []
  for (const [i, { read }] of keys.entries()) {
    if (i > 0 && !reader.take('.')) return undefined
    const word = reader.next()
    if (word === '' || word.startsWith('@')) return undefined
    const values = word === '*' && keys.length === 1 ? undefined : read(word)
    if (!values) return undefined
    all.push(values)
  }
  return all
}

/** `{ 80 : accept, 443 : drop }`. */
function readEntries(
  reader: Reader,
  key: Key,
  action: (reader: Reader) => Action | undefined,
): { values: Values[]; action: Action }[] | undefined {
  const entries: { values: Values[]; action: Action }[] = []
  if (!reader.take('{')) return undefined
  while (!reader.take('}')) {
    const values = readTuple(reader, key)
    if (!values || !reader.take(':')) return undefined
    const found = action(reader)
    if (!found) return undefined
    entries.push({ values, action: found })
    if (!reader.take(',') && reader.peek() !== '}') return undefined
  }
  return entries
}

/** `tcp dport map { 80 : 10.0.0.2, 81 : 10.0.0.3 }`; undefined, with nothing read, for anything else. */
function readMap(reader: Reader, action: (text: string) => Action | undefined): Action | undefined {
  const start = reader.at
  const key = readKey(reader)
  if (key && reader.take('map')) {
    const entries = readEntries(reader, key, (r) => {
      const first = r.next()
      // An address and a port: `10.0.0.2 . 8080`.
      return action(r.take('.') ? `${first}:${r.next()}` : first)
    })
    if (entries) return { kind: 'map', fields: key.keys.map(({ field }) => field), entries }
  }
  reader.at = start
  return undefined
}
