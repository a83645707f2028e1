import { type HostSnapshot, type Outcome, visible } from '@hopscope/model'
import { type AskError, destinationsLike, type Prediction, predict, readQuery, type Typed } from '@hopscope/path'
import type { OpenPackets } from '../location.ts'
import type { NamedWay } from './walk.ts'

/** What a question comes to on a host as it is now. */
export type Answer =
  | { kind: 'wrong'; wrong: AskError }
  | { kind: 'predicted'; prediction: Prediction; ways: readonly NamedWay[] }

export const hasPort = (protocol: OpenPackets['protocol']): boolean => protocol === 'tcp' || protocol === 'udp'

/** The question as the form has it. */
export const typedOf = ({ from, to, protocol, port }: Omit<OpenPackets, 'hostId'>): Typed => ({
  from: from.trim(),
  to: to.trim(),
  protocol,
  ...(hasPort(protocol) && { port: port.trim() }),
})

/** Predicts the way of the packet that is asked for. Pure. */
export function answer(typed: Typed, snapshot: HostSnapshot): Answer {
  const read = readQuery(snapshot, typed)
  if ('wrong' in read) return { kind: 'wrong', wrong: read.wrong }
  const prediction = predict(snapshot, read.query)
  const { forward, back } = prediction
  const ways: NamedWay[] = [{ name: 'forward', way: forward }, ...(back ? [{ name: 'back' as const, way: back }] : [])]
  return { kind: 'predicted', prediction, ways }
}

/** Where else one could go, when the name leads nowhere: addresses of whoever is called so, else names like it. */
export function otherDestinations({ reason }: Outcome, to: string, snapshot: HostSnapshot): readonly string[] {
  if (reason !== 'NAME_UNRESOLVED') return []
  const { addresses, near } = destinationsLike(snapshot, to)
  return addresses.length > 0 ? addresses : near
}

export const isGood = ({ verdict }: Outcome): boolean => verdict === 'delivered' || verdict === 'left'

/** A question in one line, to be read: as it can be typed into the search as well. */
export function questionText({ from, to, port = '', protocol }: Typed): string {
  const where = port === '' ? to : `${to.includes(':') ? `[${to}]` : to}:${port}`
  const usual = protocol === undefined || protocol === (port === '' ? 'icmp' : 'tcp')
  return visible(`${from} → ${where}${usual ? '' : ` ${protocol}`}`)
}
