import type { RecordKind } from '@hopscope/model'
import { RECORD_KINDS } from '@hopscope/model'
import type { RecordRef } from '@hopscope/topology'
import { createParser, parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useCallback } from 'react'

export const VIEWS = ['map', 'tables', 'tree', 'history'] as const
export type View = (typeof VIEWS)[number]

const refParser = createParser<RecordRef>({
  parse: parseRef,
  serialize: (r) => `${r.hostId}|${r.kind}|${r.id}`,
  eq: sameRef,
})

/** `hostId|kind|id`; null when it is none of ours. The id may hold any character. */
export function parseRef(text: string): RecordRef | null {
  const [hostId, kind, ...id] = text.split('|')
  const known = RECORD_KINDS.find((k): k is RecordKind => k === kind)
  return hostId && known && id.length ? { hostId, kind: known, id: id.join('|') } : null
}

export function sameRef(a: RecordRef | null | undefined, b: RecordRef | null | undefined): boolean {
  return a === b || (a?.hostId === b?.hostId && a?.kind === b?.kind && a?.id === b?.id)
}

const viewParser = parseAsStringLiteral(VIEWS).withDefault('map').withOptions({ history: 'push' })
/** Which view is open, kept in the address (`?view=`). */
export const useView = () => useQueryState('view', viewParser)

/** What is selected, kept in the address (`?sel=`): map, tables and tree mark it, the inspector shows it. */
export const useSelection = () => useQueryState('sel', refParser)

const hostsParser = parseAsArrayOf(parseAsString)
/** Ids of the hosts to show, kept in the address (`?hosts=`); null = all. */
export const useHostFilter = () => useQueryState('hosts', hostsParser)

/** Opens a record in the inspector. */
export function useInspect(): (ref: RecordRef) => void {
  const [, select] = useSelection()
  return useCallback((ref) => void select(ref), [select])
}
