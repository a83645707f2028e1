import { lineOf, type Plan, planCommand } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import { type Command, commandSchema } from '@hopscope/protocol'
import { asksFor, commandOf, type Draft, type Values } from './draft.ts'
import { FIELDS, type Format } from './fields.ts'

/** What is wrong with an input before anything is planned. */
export type Wrong = 'required' | Format

/** Why it cannot work, as the planner here or an agent says it; `field` names the input. */
export type Refused = { code: string; params: Readonly<Record<string, string | number>>; field?: string | undefined }

/** What the inputs come to on the host as it is now. */
export type Checked =
  | { kind: 'incomplete'; wrong: Readonly<Record<string, Wrong>> }
  /** `at`: the input that the refusal is about, when it is one that is asked for. */
  | { kind: 'refused'; refusal: Refused; at?: string }
  | { kind: 'planned'; command: Command; plan: Plan; shell: string[] }

/** Checks inputs and plans their command. Pure. */
export function check(draft: Draft, values: Values, snapshot: HostSnapshot): Checked {
  const input = commandOf(draft.do, values)
  const read = commandSchema.safeParse(input)
  if (!read.success) return { kind: 'incomplete', wrong: wrongOf(draft, values, read.error.issues) }
  const planned = planCommand(read.data, snapshot)
  if ('refused' in planned) return refusedAt(draft, planned.refused)
  const { plan } = planned
  return {
    kind: 'planned',
    command: read.data,
    plan,
    shell: plan.steps.map(({ act }) => lineOf(snapshot, act)),
  }
}

/** A refusal with the input that it belongs to. */
export function refusedAt(draft: Draft, refusal: Refused): Extract<Checked, { kind: 'refused' }> {
  const asked = asksFor(draft).some(({ path }) => path === refusal.field)
  return { kind: 'refused', refusal, ...(asked && refusal.field !== undefined && { at: refusal.field }) }
}

function wrongOf(draft: Draft, values: Values, issues: readonly { path: PropertyKey[] }[]): Record<string, Wrong> {
  const wrong: Record<string, Wrong> = {}
  for (const field of FIELDS[draft.do]) {
    // An object that lacks entirely is named alone, without what it would hold.
    const isMeant = issues.some(({ path }) => `${field.path}.`.startsWith(`${path.join('.')}.`))
    if (!isMeant) continue
    const empty = (values[field.path] ?? '').trim() === ''
    if (empty && !field.optional) wrong[field.path] = 'required'
    else if (!empty && 'format' in field) wrong[field.path] = field.format
  }
  return wrong
}
