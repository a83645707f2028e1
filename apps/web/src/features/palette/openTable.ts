import type { RecordKind } from '@hopscope/model'
import type { RecordRef } from '@hopscope/topology'
import { parseAsString, useQueryStates } from 'nuqs'
import { useSelection, useView } from '../../shell/location.ts'
import type { TableId } from '../tables/model/table.ts'

/** The table of each kind of record that is on no map. */
const TABLE_OF: Partial<Record<RecordKind, TableId>> = {
  neighbour: 'neighbours',
  route: 'routes',
  socket: 'sockets',
  fwRule: 'firewallRules',
  fwChain: 'firewallChains',
}

const location = { table: parseAsString, q: parseAsString, sort: parseAsString }

/** Selects a record and opens the table with its line; the inspector alone when there is no such table. */
export function useOpenTable(): (ref: RecordRef) => void {
  const [, setView] = useView()
  const [, select] = useSelection()
  const [, setLocation] = useQueryStates(location)
  return (ref) => {
    const table = TABLE_OF[ref.kind]
    void select(ref)
    if (table === undefined) return
    void setView('tables')
    // A filter that was left there may hide the line.
    void setLocation({ table, q: null, sort: null })
  }
}
