import type { SortingState } from '@tanstack/react-table'
import { createParser, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { TABLE_IDS } from './catalogue.ts'

/** `name,-mtu`: by name, then by MTU from large to small. */
export function parseOrder(text: string): SortingState {
  return text
    .split(',')
    .filter((t) => t && t !== '-')
    .map((t) => (t.startsWith('-') ? { id: t.slice(1), desc: true } : { id: t, desc: false }))
}

export const serializeOrder = (order: SortingState): string => order.map((o) => `${o.desc ? '-' : ''}${o.id}`).join(',')

const orderParser = createParser<SortingState>({
  parse: parseOrder,
  serialize: serializeOrder,
  eq: (a, b) => serializeOrder(a) === serializeOrder(b),
})

/** Which table, filter and order are open, kept in the address (`?table=`, `?q=`, `?sort=`). */
export const useTableLocation = () =>
  useQueryStates({
    table: parseAsStringLiteral(TABLE_IDS).withDefault('interfaces'),
    q: parseAsString.withDefault(''),
    sort: orderParser.withDefault([]),
  })
