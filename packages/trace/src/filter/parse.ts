import { ipGroups, nearNames, normalIp } from '@hopscope/model'
import { type Filter, ICMP, ICMP6, TCP, type Test, UDP } from './filter.ts'
import { type Token, tokensOf } from './tokens.ts'

/** What is wrong with a filter, where (columns count from 1), and what may have been meant. */
export type FilterError = { code: FilterErrorCode; column: number; word: string; near: string[] }
export const FILTER_ERRORS = [
  'UNKNOWN_WORD',
  'UNKNOWN_NAME',
  'NOT_AN_ADDRESS',
  'NOT_A_NETWORK',
  'NOT_A_PORT',
  'NOT_A_TYPE',
  'NOT_A_PROTOCOL',
  'VALUE_MISSING',
  'TEST_MISSING',
  'NOT_CLOSED',
  'NOT_OPENED',
  'MIXED',
] as const
export type FilterErrorCode = (typeof FILTER_ERRORS)[number]
export type ParsedFilter = { ok: true; filter: Filter } | { ok: false; error: FilterError }
/** Addresses of things that have a name, such as containers. */
export type Names = ReadonlyMap<string, readonly string[]>

const PROTOCOLS: Record<string, number> = { tcp: TCP, udp: UDP, icmp: ICMP, icmp6: ICMP6 }
const ICMP_TYPES: Record<string, number> = {
  'echo-reply': 0,
  unreachable: 3,
  redirect: 5,
  'echo-request': 8,
  'time-exceeded': 11,
}
const SIDES = ['src', 'dst'] as const
type Side = (typeof SIDES)[number]
const WORDS = [
  ...Object.keys(PROTOCOLS),
  'ip',
  'ip6',
  'arp',
  ...SIDES,
  'host',
  'net',
  'port',
  'portrange',
  'proto',
  'and',
  'or',
  'not',
  'any',
]

/**
 * Reads a filter as tcpdump takes it: `icmp and host 172.17.0.3`, `tcp dst port 80`, `src net 10.0.0.0/8`, `not port 22`, `icmp type 8`;
 * a name of `names` stands for its addresses. An empty one means every packet. What mixes `and` with `or` needs parentheses.
 */
export function parseFilter(text: string, names: Names = new Map()): ParsedFilter {
  try {
    const parser = new Parser(tokensOf(text), text.length + 1, names)
    return { ok: true, filter: parser.whole() }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, error: error.error }
    throw error
  }
}

class Refused extends Error {
  readonly error: FilterError
  constructor(error: FilterError) {
    super(error.code)
    this.error = error
  }
}

class Parser {
  private at = 0
  private readonly tokens: readonly Token[]
  private readonly end: number
  private readonly names: Names

  constructor(tokens: readonly Token[], end: number, names: Names) {
    this.tokens = tokens
    this.end = end
    this.names = names
  }

  whole(): Filter {
    if (this.tokens.length === 0) return { kind: 'any' }
    const filter = this.expression()
    const rest = this.peek()
    if (rest?.text === ')') throw this.refuse('NOT_OPENED', rest)
    return filter
  }

  private expression(): Filter {
    const of = [this.term()]
    let joined: 'and' | 'or' | undefined
    for (;;) {
      const token = this.peek()
      if (token === undefined || token.text === ')') break
      const word = JOINTS.get(token.text)
      // Two tests beside each other must both hold, as in "tcp port 80".
      const kind = word ?? 'and'
      if (joined !== undefined && joined !== kind) throw this.refuse('MIXED', token)
      if (word === undefined && !this.startsTest(token)) throw this.refuse('UNKNOWN_WORD', token, WORDS)
      joined = kind
      if (word !== undefined) this.at++
      of.push(this.term())
    }
    const [only] = of
    return only && of.length === 1 ? only : { kind: joined ?? 'and', of }
  }

  private term(): Filter {
    const token = this.peek()
    if (token === undefined || token.text === ')' || JOINTS.get(token.text)) throw this.refuse('TEST_MISSING', token)
    if (token.text === 'not' || token.text === '!') {
      this.at++
      return { kind: 'not', of: this.term() }
    }
    if (token.text !== '(') return this.test()
    this.at++
    const inner = this.expression()
    if (this.peek()?.text !== ')') throw this.refuse('NOT_CLOSED', token)
    this.at++
    return inner
  }

  private test(): Filter {
    const token = this.next()
    const word = token.text
    if (word === 'any') return { kind: 'any' }
    if (word === 'ip') return this.qualified(test({ kind: 'family', family: 'inet' }))
    if (word === 'ip6') return this.qualified(test({ kind: 'family', family: 'inet6' }))
    if (word === 'arp') return this.qualified(test({ kind: 'family', family: 'arp' }))
    const protocol = Object.hasOwn(PROTOCOLS, word) ? PROTOCOLS[word] : undefined
    if (protocol !== undefined) return this.qualified(this.protocol(protocol))
    if (word === 'proto') return test({ kind: 'protocol', protocol: this.protocolNumber() })
    const side = SIDES.find((one) => one === word)
    if (side === undefined) return this.sided(token, undefined)
    const next = this.peek()
    // "src 10.0.0.1" is short for "src host 10.0.0.1".
    if (next && KINDS.includes(next.text)) return this.sided(this.next(), side)
    return this.hosts(side)
  }

  /** "tcp port 80" is one test, and binds more tightly than "or". */
  private qualified(first: Filter): Filter {
    const next = this.peek()
    const goesOn = next !== undefined && next.text !== '(' && next.text !== '!' && next.text !== 'not'
    return goesOn && !JOINTS.has(next.text) && this.startsTest(next) ? { kind: 'and', of: [first, this.test()] } : first
  }

  private protocol(protocol: number): Filter {
    const is = test({ kind: 'protocol', protocol })
    if ((protocol !== ICMP && protocol !== ICMP6) || this.peek()?.text !== 'type') return is
    this.at++
    return { kind: 'and', of: [is, test({ kind: 'icmpType', type: this.icmpType() })] }
  }

  /** host, net, port, portrange; or an address alone. */
  private sided(token: Token, side: Side | undefined): Filter {
    switch (token.text) {
      case 'host':
        return this.hosts(side)
      case 'net':
        return both(side, this.net())
      case 'port':
        return both(side, this.ports(/^(\d+)$/))
      case 'portrange':
        return both(side, this.ports(/^(\d+)-(\d+)$/))
      default:
        if (!this.startsTest(token)) throw this.refuse('UNKNOWN_WORD', token, [...WORDS, ...this.names.keys()])
        this.at--
        return this.hosts(side)
    }
  }

  private hosts(side: Side | undefined): Filter {
    const token = this.value()
    const named = this.names.get(token.text)
    const plain = normalIp(token.text)
    if (plain === undefined && named === undefined) {
      const code = /^[\d.:]+$/.test(token.text) ? 'NOT_AN_ADDRESS' : 'UNKNOWN_NAME'
      throw this.refuse(code, token, [...this.names.keys()])
    }
    const of = (plain === undefined ? (named ?? []) : [plain]).map((address) =>
      both(side, (s) => ({ kind: 'address', side: s, address, prefixLength: address.includes(':') ? 128 : 32 })),
    )
    const [only] = of
    return only && of.length === 1 ? only : { kind: 'or', of }
  }

  private net(): (side: Side) => Test {
    const token = this.value()
    const [text = '', length, more] = token.text.split('/')
    const address = normalIp(text)
    const most = text.includes(':') ? 128 : 32
    const prefixLength = length === undefined ? most : Number(length)
    const wrong =
      more !== undefined || length === '' || !Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > most
    if (address === undefined || wrong) throw this.refuse('NOT_A_NETWORK', token)
    return (side) => ({ kind: 'address', side, address, prefixLength })
  }

  private ports(shape: RegExp): (side: Side) => Test {
    const token = this.value()
    const match = shape.exec(token.text)
    const from = Number(match?.[1])
    const to = Number(match?.[2] ?? match?.[1])
    if (match === null || from > to || to > 65_535) throw this.refuse('NOT_A_PORT', token)
    return (side) => ({ kind: 'port', side, from, to })
  }

  private icmpType(): number {
    const token = this.value()
    const named = Object.hasOwn(ICMP_TYPES, token.text) ? ICMP_TYPES[token.text] : undefined
    return named ?? this.smallNumber(token, { code: 'NOT_A_TYPE', near: Object.keys(ICMP_TYPES) })
  }

  private protocolNumber(): number {
    const token = this.value()
    const named = Object.hasOwn(PROTOCOLS, token.text) ? PROTOCOLS[token.text] : undefined
    return named ?? this.smallNumber(token, { code: 'NOT_A_PROTOCOL', near: Object.keys(PROTOCOLS) })
  }

  private smallNumber(token: Token, { code, near }: { code: FilterErrorCode; near: string[] }): number {
    if (!/^\d{1,3}$/.test(token.text) || Number(token.text) > 255) throw this.refuse(code, token, near)
    return Number(token.text)
  }

  private startsTest({ text }: Token): boolean {
    if (WORDS.includes(text) || text === '(' || text === '!') return true
    return this.names.has(text) || ipGroups(text) !== undefined
  }

  private value(): Token {
    const token = this.peek()
    if (token === undefined || token.text === '(' || token.text === ')') throw this.refuse('VALUE_MISSING', token)
    return this.next()
  }

  private peek(): Token | undefined {
    return this.tokens[this.at]
  }

  private next(): Token {
    const token = this.tokens[this.at++]
    if (token === undefined) throw this.refuse('TEST_MISSING', undefined)
    return token
  }

  private refuse(code: FilterErrorCode, token: Token | undefined, words: readonly string[] = []): Refused {
    const word = token?.text ?? ''
    return new Refused({
      code,
      column: token?.column ?? this.end,
      word,
      near: word === '' ? [] : nearNames(word, words),
    })
  }
}

const JOINTS: ReadonlyMap<string, 'and' | 'or'> = new Map([
  ['and', 'and'],
  ['&&', 'and'],
  ['or', 'or'],
  ['||', 'or'],
])
const KINDS: readonly string[] = ['host', 'net', 'port', 'portrange']
const test = (one: Test): Filter => ({ kind: 'test', test: one })
const both = (side: Side | undefined, make: (side: Side) => Test): Filter =>
  side === undefined ? { kind: 'or', of: SIDES.map((s) => test(make(s))) } : test(make(side))
