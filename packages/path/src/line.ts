import type { HostSnapshot } from '@hopscope/model'
import { type AskError, sendersOf, splitDestination, type Typed } from './asking.ts'

/** A question in one line. `columns`: where each part begins, counted from 1; of what is missing, where it would. */
export type AskedLine = { typed: Typed; columns: Readonly<Partial<Record<keyof Typed, number>>>; tooMuch?: AskedWord }
export type AskedWord = { word: string; column: number }

const ARROW = /→|⟶|=>|-+>/u
const PROTOCOLS: Readonly<Record<string, string>> = { tcp: 'tcp', udp: 'udp', icmp: 'icmp', ping: 'icmp', arp: 'arp' }

/**
 * `web → api:80`, `web -> api:80`, `udp web -> 10.0.0.1:53`, `web -> 172.17.0.3 arp`; without an arrow where it can mean nothing else: `web api:80`. Undefined when the text
 * is no question of this kind.
 */
export function readLine(typed: string, snapshot: HostSnapshot): AskedLine | undefined {
  // Chinese keyboards have a colon of their own.
  const text = typed.replaceAll('：', ':')
  const arrow = ARROW.exec(text)
  const words = wordsIn(text)
  if (arrow) {
    const end = arrow.index + arrow[0].length
    const left = wordsIn(text.slice(0, arrow.index))
    const right = wordsIn(text.slice(end), end)
    return lineOf(left, right, { from: arrow.index + 1, to: text.length + 1 })
  }
  const named = words.filter(({ word }) => !isProtocol(word))
  const [from, to, ...more] = named
  if (!from || !to || more.length > 0) return undefined
  // Two words alone are looked for, as any others.
  const isMeant = named.length < words.length || /:\d/.test(to.word)
  if (!isMeant || !(sendersOf(snapshot).includes(from.word) || from.word === 'root')) return undefined
  return lineOf(
    [from],
    words.filter((one) => one !== from),
    { from: 1, to: text.length + 1 },
  )
}

/** Where in its line an error is, counted from 1. */
export function columnOf({ columns }: AskedLine, { part }: Pick<AskError, 'part'>): number {
  return columns[part] ?? columns.to ?? 1
}

function lineOf(
  left: readonly AskedWord[],
  right: readonly AskedWord[],
  ends: { from: number; to: number },
): AskedLine {
  const spoken = [...left, ...right].find(({ word }) => isProtocol(word))
  const [from, ...before] = left.filter((one) => one !== spoken)
  const [to, ...behind] = right.filter((one) => one !== spoken)
  const split = splitDestination(to?.word ?? '')
  const protocol = spoken && PROTOCOLS[spoken.word.toLowerCase()]
  const [tooMuch] = [...before, ...behind]
  const at = to?.column ?? ends.to
  return {
    typed: { from: from?.word ?? '', ...split, ...(protocol !== undefined && { protocol }) },
    columns: {
      from: from?.column ?? ends.from,
      to: at,
      ...(spoken && { protocol: spoken.column }),
      port: at + (split.port === undefined ? (to?.word.length ?? 0) : (to?.word.lastIndexOf(':') ?? 0) + 1),
    },
    ...(tooMuch && { tooMuch }),
  }
}

const isProtocol = (word: string): boolean => Object.hasOwn(PROTOCOLS, word.toLowerCase())

const wordsIn = (text: string, from = 0): AskedWord[] =>
  [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({ word, column: from + index + 1 }))
