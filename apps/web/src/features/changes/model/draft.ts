import type { CommandName } from '@hopscope/protocol'
import type { Messages } from '../../../i18n/messages.ts'
import { FIELDS, type Field } from './fields.ts'

/** What stands in a form's inputs, by their paths; a switch that is on holds `on`. */
export type Values = Readonly<Record<string, string>>

/** A command that somebody began to give: what is known of it already, and what is not to be asked for. */
export type Draft = {
  label: keyof Messages['changes']['action']
  do: CommandName
  values: Values
  /** Paths that come from the object and are not asked for. */
  fixed: readonly string[]
  /** What it is done to, in the kernel's words. */
  object?: string
}

/** Begins a command of an object: all that is given is fixed, the rest is asked for. */
export const draft = (label: Draft['label'], name: CommandName, values: Values, object?: string): Draft => ({
  ...{ label, do: name, values, fixed: Object.keys(values) },
  ...(object !== undefined && { object }),
})

/** The inputs that a person is asked for. */
export const asksFor = (draft: Draft): Field[] => FIELDS[draft.do].filter(({ path }) => !draft.fixed.includes(path))

/** The command that the inputs make, not yet checked: what is left empty is left out. */
export function commandOf(name: CommandName, values: Values): Record<string, unknown> {
  const command: Record<string, unknown> = { do: name }
  for (const field of FIELDS[name]) {
    const value = inputOf(field, values[field.path] ?? '')
    if (value === undefined) continue
    const [first = '', second] = field.path.split('.')
    if (second === undefined) command[first] = value
    else command[first] = { ...(command[first] as object | undefined), [second]: value } // objects by this line alone
  }
  return command
}

function inputOf(field: Field, text: string): string | number | boolean | string[] | undefined {
  if (field.kind === 'switch') return text === 'on' ? true : field.optional ? undefined : false
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  if (field.kind === 'list') return trimmed.split(/\s+/)
  if (field.kind === 'word' && field.as === 'boolean') return trimmed === 'true'
  const isNumber = field.kind === 'number' || (field.kind === 'word' && field.as === 'number')
  return isNumber && /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : trimmed
}

/** The inputs after one was changed: a link of another namespace is not meant any more. */
export function withValue(draft: Draft, values: Values, path: string, value: string): Values {
  const next: Record<string, string> = { ...values, [path]: value }
  for (const field of asksFor(draft)) {
    if (field.kind === 'link' && (field.of ?? 'netns') === path && values[path] !== value) next[field.path] = ''
  }
  return next
}

/** The inputs for another host: nothing of the one before is meant any more. */
export function onOtherHost(draft: Draft, values: Values): Values {
  const next: Record<string, string> = { ...values }
  for (const { kind, path } of asksFor(draft)) {
    if (kind === 'netns') next[path] = draft.values[path] ?? ''
    if (kind === 'link') next[path] = ''
  }
  return next
}
