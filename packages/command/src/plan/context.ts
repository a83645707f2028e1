import type { HostSnapshot, Link } from '@hopscope/model'
import type { Command, CommandName, CommandOf } from '@hopscope/protocol'
import { type Act, type Expect, type Phrase, type Plan, Refused, type Step } from '../plan.ts'
import type { PhraseCode } from '../words/codes.ts'

/** Makes the plan of one command from what is known of the host; throws Refused for what cannot work. Pure. */
export type Planner<N extends CommandName> = (command: CommandOf<N>, snapshot: HostSnapshot) => Plan
export type Planners<N extends CommandName> = { readonly [K in N]: Planner<K> }

/** Links with this alias were made by Hopscope: they may be changed without their name being typed. */
export const LABEL = 'made by Hopscope'

export const phrase = (code: PhraseCode, params: Phrase['params']): Phrase => ({ code, params })

type Single = {
  command: Command
  title: Phrase
  act: Act
  undo?: readonly Act[]
  /** Nothing can undo it. */
  final?: true
  expects?: readonly Expect[]
  ends?: readonly Expect[]
  lost?: readonly Phrase[]
  /** Links that the command changes. */
  on?: readonly Link[]
  snapshot: HostSnapshot
}

/** A plan of one step. */
export function single({
  command,
  title,
  act,
  undo = [],
  final,
  expects = [],
  ends,
  lost = [],
  on = [],
  snapshot,
}: Single): Plan {
  const step: Step = { title, act, undo, expects: [...expectLinks(on), ...expects], ...(ends && { ends }) }
  return { command, title, steps: [step], lost, ...(final && { final }), ...confirmOf(snapshot, on) }
}

/** Links by namespace, index and name: one of the same name may be another one by now. */
export const expectLinks = (links: readonly Link[]): Expect[] =>
  links.map(({ id, index, name }) => ({ kind: 'record', of: 'link', id, name, was: `${index}: ${name}` }))

/** On a host that is not a sandbox, what we did not make is changed only when its name is typed. */
export function confirmOf(snapshot: HostSnapshot, links: readonly Link[]): Pick<Plan, 'confirm'> {
  if (snapshot.host.vantage.kind === 'sandbox') return {}
  const foreign = links.find(({ alias }) => alias !== LABEL)
  return foreign ? { confirm: foreign.name } : {}
}

export function requireChange(changes: boolean): void {
  if (!changes) throw new Refused('NOTHING_TO_DO')
}

export const set = (link: Link, ...words: string[]): Act => ({
  place: link.netns,
  argv: ['ip', 'link', 'set', 'dev', link.name, ...words],
})
