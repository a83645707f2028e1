import type { RecordKind } from '@hopscope/model'
import { commandsFor } from '@hopscope/topology'
import type { Scope } from './context.ts'

/** The commands that show a record (or these facts of it) by hand, ready to paste on its host; in the facts' order. */
export function byHand(s: Scope, kind: RecordKind, id: string, ...facts: string[]): string[] {
  const all = commandsFor(s.snapshot, kind, id)
  const wanted = facts.length === 0 ? all : facts.flatMap((f) => all.filter((c) => c.fact === f))
  return [...new Set(wanted.map((c) => c.command))]
}
