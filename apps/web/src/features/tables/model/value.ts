import { visible } from '@hopscope/model'
import type { NodeKind, RecordRef } from '@hopscope/topology'
import type { Messages } from '../../../i18n/messages.ts'
import type { Hue } from '../../../theme/colours.ts'

type Texts = Messages['tables']
export type ColumnId = keyof Texts['column']
export type Word = keyof Texts['word']
/** A sentence of the catalogues, by its full path. */
export type WordKey =
  | `tables.word.${Word}`
  | `sources.name.${keyof Messages['sources']['name']}`
  | `sources.state.${keyof Messages['sources']['state']}`
  | `sources.reason.${keyof Messages['sources']['reason']}`
export type Args = Readonly<Record<string, string | number>>

/** What stands in a cell: a literal or a word; with `to` it names an object, with `tone` it is a mark in that colour. */
export type Part = ({ text: string } | { say: WordKey; args?: Args }) & { to?: RecordRef; icon?: NodeKind; tone?: Hue }
/** A number's unit is told by its column. */
export type Value = string | number | Part | readonly Part[] | undefined

/** Puts a word of the catalogues into the language in use. */
export type Say = (key: WordKey, args?: Args) => string

export const word = (key: Word, args?: Args): Part => ({ say: `tables.word.${key}`, ...(args && { args }) })
export const mark = (key: Word, tone: Hue, args?: Args): Part => ({ ...word(key, args), tone })
export const tag = (text: string, tone: Hue = 'stack'): Part => ({ text, tone })
export const yesNo = (on: boolean | undefined): Value => (on === undefined ? undefined : word(on ? 'yes' : 'no'))
export const onOff = (on: boolean | undefined): Value =>
  on === undefined ? undefined : on ? mark('on', 'ok') : mark('off', 'stack')

/** The parts of a value; a plain text is one, nothing is none. */
export function partsOf(value: Value): readonly Part[] {
  if (value === undefined || value === '') return []
  if (typeof value === 'object') return isList(value) ? value : [value]
  return [{ text: String(value) }]
}

export const partText = (part: Part, say: Say): string =>
  'say' in part ? say(part.say, part.args) : visible(part.text)

/** A value as text, in the language in use; '' for nothing. */
export const textOf = (value: Value, say: Say): string => valueTexts(value, say).join(', ')

/** The parts of a value as texts. */
export const valueTexts = (value: Value, say: Say): string[] => partsOf(value).map((p) => partText(p, say))

/** Order of two values: numbers by size, texts as people expect addresses and names, nothing last. */
export function compareValues(a: Value, b: Value, say: Say): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return natural(textOf(a, say), textOf(b, say))
}

export const isNothing = (value: Value): boolean => partsOf(value).length === 0

const natural = new Intl.Collator('en', { numeric: true }).compare
// Array.isArray does not narrow readonly arrays.
const isList = (value: Part | readonly Part[]): value is readonly Part[] => Array.isArray(value)
