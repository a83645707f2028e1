import { natTarget, span } from '../iptables.ts'
import type { Action, Statement } from '../rule.ts'
import { port } from '../values.ts'
import { elementsAt, readEntries } from './elements.ts'
import { readKey } from './keys.ts'
import { needed } from './match.ts'
import type { Reader } from './reader.ts'

const NAT_FLAGS = new Set(['random', 'fully-random', 'persistent'])

export function readNat(reader: Reader): Statement[] | undefined {
  const kind = reader.next()
  const family = reader.take('ip')
  if (!family && (reader.peek() === 'ip6' || reader.peek() === 'ip')) return undefined
  let read: Statement[] | undefined
  if (kind === 'masquerade' || kind === 'redirect') read = listed(redirection(kind, reader))
  else if ((kind === 'dnat' || kind === 'snat') && reader.take('to'))
    read = readMap(reader, (text) => translation(kind, text)) ?? listed(translation(kind, reader.next()))
  while (NAT_FLAGS.has(reader.peek()) || reader.peek() === ',') reader.next()
  return read
}

const listed = (action: Action | undefined): Statement[] | undefined => action && [action]

function redirection(kind: 'masquerade' | 'redirect', reader: Reader): Action | undefined {
  if (!reader.take('to')) return { kind }
  const found = span(reader.next().replace(/^:/, ''), port)
  return found && { kind, ports: found }
}

function translation(kind: 'dnat' | 'snat', text: string): Action | undefined {
  const to = natTarget(text)
  return to && { kind, to }
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
      return action(r.take('.') ? `${first}:${r.next()}` : first)
    })
    if (entries) return [...needed(key), { kind: 'map', fields: key.keys.map(({ field }) => field), entries }]
  }
  reader.at = start
  return undefined
}
