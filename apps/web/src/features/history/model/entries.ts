import type { Change } from '@hopscope/protocol'
import type { Locale } from '../../../i18n/locale.ts'
import { told } from '../../changes/model/words.ts'

/** A change with the host that it was made on. `away`: its agent cannot be asked, this is what the hub wrote down. */
export type PastEntry = { host: { id: string; name: string }; change: Change; away: boolean }

/** What a person looks for; what is left out does not matter. */
export type Filter = { text?: string; host?: string; person?: string; outcome?: Outcome }

export const OUTCOMES = ['done', 'undone', 'failed', 'stuck', 'running'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** One list of what the agents tell and what the hub wrote down of the others, newest first. */
export function merged(agents: readonly PastEntry[], hub: readonly PastEntry[]): PastEntry[] {
  const told = new Set(agents.map(keyOf))
  return [...agents, ...hub.filter((entry) => !told.has(keyOf(entry)))].sort((a, b) => b.change.at - a.change.at)
}

export const keyOf = ({ host, change }: PastEntry): string => `${host.id} ${change.id}`

/** The entries that fit, in their order. Text is looked for in what was done, in the language shown, and in the commands. */
export function filtered(entries: readonly PastEntry[], filter: Filter, language: Locale): PastEntry[] {
  const words = (filter.text ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return entries.filter(({ host, change }) => {
    if (filter.host && host.id !== filter.host) return false
    if (filter.person && change.by !== filter.person) return false
    if (filter.outcome && outcomeOf(change) !== filter.outcome) return false
    if (words.length === 0) return true
    const said = [change.title, ...change.steps.map(({ title }) => title)].map((phrase) => told(phrase, language))
    const text = [...said, ...change.steps.map(({ shell }) => shell), change.id].join('\n').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

function outcomeOf({ state }: Change): Outcome {
  return state === 'undoing' || state === 'unconfirmed' ? 'running' : state
}

/** The entries of each day, in their order; `dayOf` names the day of a time in ms since the epoch. */
export function byDay(entries: readonly PastEntry[], dayOf: (at: number) => string): [day: string, PastEntry[]][] {
  const days = new Map<string, PastEntry[]>()
  for (const entry of entries) {
    const day = dayOf(entry.change.at)
    const held = days.get(day)
    if (held) held.push(entry)
    else days.set(day, [entry])
  }
  return [...days]
}

/** A history with this change in it as it is now; newest first. */
export const withChange = (changes: readonly Change[], change: Change): Change[] =>
  [change, ...changes.filter(({ id }) => id !== change.id)].sort((a, b) => b.at - a.at)
