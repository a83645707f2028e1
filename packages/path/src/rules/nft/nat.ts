import { toPrefix, toText } from '../../ipv4.ts'
import { natTarget } from '../iptables.ts'
import type { Action, Statement } from '../rule.ts'
import { port, span } from '../values.ts'
import { type Entry, elementsAt, readEntries } from './elements.ts'
import { readKey } from './keys.ts'
import { impliedBy, needed } from './match.ts'
import type { Reader } from './reader.ts'

const NAT_FLAGS = new Set(['random', 'fully-random', 'persistent'])

export function readNat(reader: Reader): Statement[] | undefined {
  const kind = reader.next()
  const family = reader.take('ip') ? 'ip' : reader.take('ip6') ? 'ip6' : undefined
  // What the map gives is told by the map; older versions of nft say it here as well.
  if (!reader.take('addr', '.', 'port')) reader.take('interval')
  const netmap = reader.take('prefix')
  let read: Statement[] | undefined
  if (kind === 'masquerade' || kind === 'redirect') read = listed(redirection(kind, reader))
  else if ((kind === 'dnat' || kind === 'snat') && reader.take('to'))
    read =
      readMap(reader, (text) => translation(kind, text, netmap)) ?? listed(translation(kind, reader.next(), netmap))
  const flags: string[] = []
  while (NAT_FLAGS.has(reader.peek()) || reader.peek() === ',') flags.push(reader.next())
  if (flags.some((flag) => flag.endsWith('random'))) read = read?.map(withRandom)
  return family !== undefined && read ? [impliedBy(family), ...read] : read
}

/** Of a source the kernel draws the port then; a destination keeps its own. */
function withRandom(one: Statement): Statement {
  if (one.kind === 'masquerade') return { ...one, random: true }
  if (one.kind === 'snat') return { ...one, to: { ...one.to, random: true } }
  if (one.kind !== 'map') return one
  const entries = one.entries.map(({ values, action }) =>
    action.kind === 'snat'
      ? { values, action: { ...action, to: { ...action.to, random: true as const } } }
      : { values, action },
  )
  return { ...one, entries }
}

const listed = (action: Action | undefined): Statement[] | undefined => action && [action]

function redirection(kind: 'masquerade' | 'redirect', reader: Reader): Action | undefined {
  if (!reader.take('to')) return { kind }
  const found = span(reader.next().replace(/^:/, ''), port)
  return found && { kind, ports: found }
}

/** `map { … }:80`: the same port for all of them. */
function withPorts(entries: Entry[], reader: Reader): Entry[] | undefined {
  if (!reader.peek().startsWith(':')) return entries
  const ports = span(reader.next().slice(1), port)
  return (
    ports &&
    entries.map(({ values, action }) => {
      const changed =
        action.kind === 'dnat' || action.kind === 'snat' ? { ...action, to: { ...action.to, ports } } : action
      return { values, action: changed }
    })
  )
}

/** A map may give a prefix, all of whose addresses are meant; with `netmap` only its bits take the place of others. */
function translation(kind: 'dnat' | 'snat', text: string, netmap: boolean): Action | undefined {
  const [, address = '', rest = ''] = /^([\d./]+\/\d+)(:.*)?$/.exec(text) ?? []
  const prefix = address === '' ? undefined : toPrefix(address)
  const to = natTarget(prefix ? `${toText(prefix.from)}-${toText(prefix.to)}${rest}` : text)
  return to && { kind, to: netmap ? { ...to, netmap } : to }
}

/** `tcp dport map { 80 : 10.0.0.2, 81 : 10.0.0.3 }`, `tcp dport map @m`; undefined, with nothing read, for anything else. */
function readMap(reader: Reader, action: (text: string) => Action | undefined): Statement[] | undefined {
  const start = reader.at
  const key = readKey(reader)
  const map = key && reader.take('map') ? elementsAt(reader) : undefined
  if (key && map) {
    if (typeof map === 'string') return [...needed(key), { kind: 'unknown', what: `${key.text} map ${map}` }]
    const entries = readEntries(map, key, (r) => {
      const first = r.next()
      // An address and a port: `10.0.0.2 . 8080`.
      const host = first.includes(':') ? `[${first}]` : first
      return action(r.take('.') ? `${host}:${r.next()}` : first)
    })
    const whole = entries && withPorts(entries, reader)
    if (whole) return [...needed(key), { kind: 'map', fields: key.keys.map(({ field }) => field), entries: whole }]
  }
  reader.at = start
  return undefined
}
