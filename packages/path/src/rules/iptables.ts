import { toIp } from '../ip.ts'
import type { Action, Field, NatTarget, Statement, Statements, Values } from './rule.ts'
import { tokens } from './tokens.ts'
import {
  addresses,
  addresses6,
  FOUND,
  icmp6Types,
  icmpTypes,
  masked,
  match,
  number,
  port,
  ports,
  protocols,
  span,
  words,
} from './values.ts'

/** What a line of iptables-save says, from `-A` on, in order. What is not known is named as such. */
export function parseIptablesRule(text: string): Statements {
  const reader = new Reader(tokens(text))
  if (reader.next() !== '-A') return [{ kind: 'unknown', what: text }]
  reader.next()
  const statements: Statement[] = []
  while (!reader.ended()) statements.push(...readPart(reader))
  // A packet is counted by a rule without a target, and goes on.
  return statements
}

class Reader {
  private at = 0
  module = ''
  private readonly words: readonly string[]
  constructor(all: readonly string[]) {
    this.words = all
  }
  ended = (): boolean => this.at >= this.words.length
  next = (): string => this.words[this.at++] ?? ''
  peek = (): string => this.words[this.at] ?? ''
  /** The words up to the next option. */
  rest(): string[] {
    const found: string[] = []
    while (!this.ended() && !/^-|^!$/.test(this.peek())) found.push(this.next())
    return found
  }
}

function readPart(reader: Reader): Statement[] {
  const not = reader.peek() === '!'
  if (not) reader.next()
  const option = reader.next()
  if (option === '-m') {
    reader.module = reader.next()
    return reader.module === 'rpfilter' ? [rpFilter(reader)] : moduleAlone(reader.module)
  }
  if (option === '-j' || option === '-g') return [readTarget(reader, option === '-g')]
  if (option === '-f') return [{ kind: 'maybe', what: '-f' }]
  const simple = SIMPLE[option]
  if (simple) {
    const value = reader.next()
    const six = value.includes(':') ? FIELDS_6[simple.field] : undefined
    const values = six ? addresses6(value) : simple.read(value)
    const text = `${not ? '! ' : ''}${option} ${value}`
    return [values ? match(six ?? simple.field, values, { not, text }) : { kind: 'maybe', what: text }]
  }
  return ofModule(reader, option, not)
}

/** `-m rpfilter --validmark --invert`. */
function rpFilter(reader: Reader): Statement {
  const options: string[] = []
  while (/^--(?:loose|validmark|accept-local|invert)$/.test(reader.peek())) options.push(reader.next())
  const text = ['-m rpfilter', ...options].join(' ')
  if (options.includes('--loose') || options.includes('--accept-local')) return { kind: 'maybe', what: text }
  const field = options.includes('--validmark') ? 'markedWayBack' : 'wayBack'
  return match(field, words(FOUND), { not: options.includes('--invert'), text })
}

/** What depends on chance, or is not known, may match or not; the options that follow tell nothing more. */
function moduleAlone(module: string): Statement[] {
  const header = HEADERS_BETWEEN[module]
  if (header !== undefined)
    return [match('nextHeader', number(header), { not: false, text: `-m ${module}` }), { kind: 'maybe', what: module }]
  if (KNOWN_MODULES.has(module)) return []
  return [{ kind: 'maybe', what: `-m ${module}` }]
}

const KNOWN_MODULES: ReadonlySet<string> = new Set([
  ...['tcp', 'udp', 'icmp', 'multiport', 'addrtype', 'conntrack', 'state', 'mark', 'connmark', 'physdev', 'comment'],
  ...['owner', 'iprange', 'ttl', 'length', 'set', 'mac', 'pkttype', 'icmp6', 'hl', 'nfacct', 'recent'],
])
/** Modules of ip6tables that ask about a header between, which a packet need not have. */
const HEADERS_BETWEEN: Readonly<Record<string, number>> = { hbh: 0, rt: 43, frag: 44, dst: 60, mh: 135 }
type Simple = { field: Field; read: (text: string) => Values | undefined }
const SIMPLE: Readonly<Record<string, Simple>> = {
  '-s': { field: 'src', read: addresses },
  '-d': { field: 'dst', read: addresses },
  '-i': { field: 'iif', read: words },
  '-o': { field: 'oif', read: words },
  '-p': { field: 'protocol', read: (text) => (text === 'all' ? undefined : protocols(text)) },
  '--sport': { field: 'sport', read: ports },
  '--dport': { field: 'dport', read: ports },
  '--sports': { field: 'sport', read: ports },
  '--dports': { field: 'dport', read: ports },
  '--src-range': { field: 'src', read: addresses },
  '--dst-range': { field: 'dst', read: addresses },
  '--icmp-type': { field: 'icmpType', read: icmpTypes },
  '--icmpv6-type': { field: 'icmp6Type', read: icmp6Types },
  '--hl-eq': { field: 'hopLimit', read: ports },
  '--src-type': { field: 'srcType', read: types },
  '--dst-type': { field: 'dstType', read: types },
  '--ctstate': { field: 'ctState', read: states },
  '--state': { field: 'ctState', read: states },
  '--ctdir': { field: 'ctDirection', read: (text) => words(text.toUpperCase()) },
  '--ctstatus': { field: 'ctStatus', read: states },
  '--physdev-in': { field: 'physIn', read: words },
  '--physdev-out': { field: 'physOut', read: words },
  '--uid-owner': { field: 'uid', read: ports },
  '--ttl-eq': { field: 'ttl', read: ports },
  '--length': { field: 'length', read: ports },
}

/** Addresses with colons are those of ip6tables. */
const FIELDS_6: Partial<Record<Field, Field>> = { src: 'src6', dst: 'dst6' }

function types(text: string): Values {
  return words(...text.toUpperCase().split(','))
}
function states(text: string): Values {
  return words(...text.toUpperCase().split(','))
}

/** Options that mean something only within their module, or take other than one word. */
function ofModule(reader: Reader, option: string, not: boolean): Statement[] {
  const text = (value = ''): string => `${not ? '! ' : ''}${option}${value === '' ? '' : ` ${value}`}`
  switch (option) {
    case '--comment':
    case '--nfacct-name':
      reader.next()
      return []
    case '--physdev-is-bridged':
      return [match('bridged', words('yes'), { not, text: text() })]
    case '--physdev-is-in':
      return [match('physIn', words('+'), { not, text: text() })]
    case '--physdev-is-out':
      return [match('physOut', words('+'), { not, text: text() })]
    case '--syn':
      return [match('tcpFlags', { kind: 'flags', of: FLAGS, set: ['SYN'] }, { not, text: text() })]
    case '--tcp-flags': {
      const [of, set] = [reader.next(), reader.next()]
      return [match('tcpFlags', { kind: 'flags', of: flags(of), set: flags(set) }, { not, text: text(`${of} ${set}`) })]
    }
    case '--mark': {
      const value = reader.next()
      const read = masked(value)
      const field = reader.module === 'connmark' ? 'ctMark' : 'mark'
      if (!read) return [{ kind: 'maybe', what: text(value) }]
      return [match(field, { kind: 'masked', ...read }, { not, text: text(value) })]
    }
    case '--ports': {
      const value = reader.next()
      const read = ports(value)
      // It holds when either port is among them; a sender's port is known too seldom to make more of it.
      return [{ kind: 'maybe', what: read ? text(value) : text() }]
    }
  }
  const rest = reader.rest()
  if (reader.module === 'recent') return recent(option, text(rest.join(' ')))
  const what = text([reader.module, ...rest].join(' '))
  // That module was named already.
  if (!KNOWN_MODULES.has(reader.module)) return []
  return [{ kind: 'maybe', what }]
}

/** Whoever is noted in a list always is; whether he was there before nobody knows. */
const recent = (option: string, text: string): Statement[] =>
  text !== '--set' && /^--(?:set|rcheck|update|remove)$/.test(option)
    ? [{ kind: 'maybe', what: `-m recent ${text}` }]
    : []

const FLAGS = ['FIN', 'SYN', 'RST', 'ACK']
const flags = (text: string): string[] =>
  text === 'NONE' ? [] : text === 'ALL' ? ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] : text.split(',')

function readTarget(reader: Reader, goto: boolean): Action | Extract<Statement, { kind: 'unknown' }> {
  const name = reader.next()
  const options = new Map<string, string>()
  while (!reader.ended()) {
    const option = reader.next()
    options.set(option, reader.rest().join(' '))
  }
  const target = TARGETS[name]
  if (target) return target(options) ?? { kind: 'unknown', what: [`-j ${name}`, ...[...options].flat()].join(' ') }
  // Our own words for what has none: a chain's name is whatever is no target. One of a target that we do not know has
  // capital letters and options; whether the table has such a chain is known to who evaluates.
  return { kind: goto ? 'goto' : 'jump', chain: name }
}

type Options = ReadonlyMap<string, string>
const nothing = (): Action => ({ kind: 'nothing' })

const TARGETS: Readonly<Record<string, (options: Options) => Action | undefined>> = {
  ACCEPT: () => ({ kind: 'accept' }),
  DROP: () => ({ kind: 'drop' }),
  RETURN: () => ({ kind: 'return' }),
  QUEUE: () => ({ kind: 'queue' }),
  NFQUEUE: () => ({ kind: 'queue' }),
  REJECT: (o) => {
    const how = o.get('--reject-with')
    if (how === undefined) return { kind: 'reject', with: 'icmp', code: 3, code6: 4 }
    const code = REJECT_CODES[how]
    if (how === 'tcp-reset') return { kind: 'reject', with: 'tcp-reset', code: 0 }
    return code === undefined ? undefined : { kind: 'reject', with: 'icmp', code }
  },
  DNAT: (o) => nat('dnat', o.get('--to-destination')),
  SNAT: (o) => nat('snat', o.get('--to-source'), o),
  MASQUERADE: (o) => withPorts('masquerade', o.get('--to-ports'), o),
  REDIRECT: (o) => withPorts('redirect', o.get('--to-ports')),
  MARK: (o) => marking('mark', o),
  CONNMARK: (o) => {
    const mask = (name: string) => masked(o.get(name) ?? o.get('--mask') ?? '0xffffffff')?.value
    const [ct, nf] = [mask('--ctmask'), mask('--nfmask')]
    if (ct === undefined || nf === undefined) return undefined
    if (o.has('--save-mark')) return { kind: 'saveMark', clears: ct, takes: nf }
    if (o.has('--restore-mark')) return { kind: 'restoreMark', clears: nf, takes: ct }
    return marking('ctMark', o)
  },
  CT: (o) => (o.has('--notrack') ? { kind: 'notrack' } : undefined),
  NOTRACK: () => ({ kind: 'notrack' }),
  LOG: nothing,
  NFLOG: nothing,
  ULOG: nothing,
  TRACE: nothing,
  AUDIT: nothing,
  CHECKSUM: nothing,
  CLASSIFY: nothing,
  DSCP: nothing,
  TCPMSS: nothing,
  TCPOPTSTRIP: nothing,
  LED: nothing,
  RATEEST: nothing,
  SECMARK: nothing,
  CONNSECMARK: nothing,
  SET: nothing,
  TEE: nothing,
  // These stand for what we do not follow: undefined says so.
  TPROXY: () => undefined,
  NETMAP: () => undefined,
  SYNPROXY: () => undefined,
  TTL: () => undefined,
  TOS: () => undefined,
  CLUSTERIP: () => undefined,
  ECN: nothing,
  HMARK: () => undefined,
}

/** Codes of ICMP's "destination unreachable". */
export const REJECT_CODES: Readonly<Record<string, number>> = {
  'icmp-net-unreachable': 0,
  'icmp-host-unreachable': 1,
  'icmp-proto-unreachable': 2,
  'icmp-port-unreachable': 3,
  'icmp-net-prohibited': 9,
  'icmp-host-prohibited': 10,
  'icmp-admin-prohibited': 13,
  // Of ICMPv6.
  'icmp6-no-route': 0,
  'icmp6-adm-prohibited': 1,
  'icmp6-addr-unreachable': 3,
  'icmp6-port-unreachable': 4,
  'icmp6-policy-fail': 5,
  'icmp6-reject-route': 6,
}

/** The port of the sender is drawn; a destination keeps its own. */
const drawn = (o: Options | undefined): { random?: true } =>
  o?.has('--random') || o?.has('--random-fully') ? { random: true } : {}

function nat(kind: 'dnat' | 'snat', text: string | undefined, o?: Options): Action | undefined {
  const to = text === undefined ? undefined : natTarget(text)
  return to && { kind, to: { ...to, ...drawn(o) } }
}

/**
 * `10.0.0.5`, `10.0.0.5:80`, `:53`, `10.0.0.5-10.0.0.9:8000-8010`, `[fd00::5]:80`, `fd00::5`; the options that follow do not change the address.
 */
export function natTarget(text: string): NatTarget | undefined {
  const [where = ''] = text.split(' ')
  const [, hosts6, ports6] =
    /^\[([^\]]+)\](?::(.*))?$/.exec(where) ?? (/^[^:]+:[^:]*:/.test(`0${where}`) ? [where, where] : [])
  const [hosts = '', run, ...more] = hosts6 === undefined ? where.split(':') : [hosts6, ports6]
  if (more.length > 0 || where === '') return undefined
  const address = hosts === '' ? undefined : span(hosts, toIp)
  const range = run === undefined || run === '' ? undefined : span(run.replace(/\/\d+$/, ''), port)
  if ((hosts !== '' && !address) || (run !== undefined && run !== '' && !range)) return undefined
  return { ...(address && { address }), ...(range && { ports: range }) }
}

function withPorts(kind: 'masquerade' | 'redirect', text: string | undefined, o?: Options): Action | undefined {
  if (text === undefined) return { kind, ...drawn(o) }
  const found = span(text.split(' ')[0] ?? '', port)
  return found && { kind, ports: found, ...drawn(o) }
}

function marking(kind: 'mark' | 'ctMark', o: Options): Action | undefined {
  const [set, xset] = [o.get('--set-mark'), o.get('--set-xmark')]
  const read = masked(xset ?? set ?? '')
  if (!read) return undefined
  // --set-mark clears the bits of value and mask; --set-xmark those of the mask only.
  return { kind, value: read.value, mask: xset === undefined ? (read.mask | read.value) >>> 0 : read.mask }
}
