import {
  PHRASES,
  type PhraseCode,
  REASONS,
  REFUSALS,
  type ReasonCode,
  type RefusalCode,
  say,
  sayReason,
  sayRefusal,
} from '@hopscope/command'
import type { Change } from '@hopscope/protocol'
import type { Locale } from '../../../i18n/locale.ts'

type Told = { code: string; params: Readonly<Record<string, string | number>> }

/** A phrase that came from an agent in words; one that this page does not know is told by its code. */
export function told({ code, params }: Told, language: Locale): string {
  const known = PHRASES.find((one): one is PhraseCode => one === code)
  return known ? say({ code: known, params }, language) : code
}

/** The same of a refusal. */
export function toldRefusal({ code, params }: Told, language: Locale): string {
  const known = REFUSALS.find((one): one is RefusalCode => one === code)
  return known ? sayRefusal({ code: known, params }, language) : code
}

/** The same of why something was not done; a program's own words stand beside it. */
export function toldReason({ code, params }: Told, language: Locale): string {
  const known = REASONS.find((one): one is ReasonCode => one === code)
  return known ? sayReason({ code: known, params }, language) : code
}

/** Whether there is anything to undo, and a way to. */
export const canUndo = ({ state, final }: Change): boolean =>
  !final && (state === 'done' || state === 'unconfirmed' || state === 'stuck')
