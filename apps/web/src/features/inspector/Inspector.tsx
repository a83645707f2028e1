import type { RecordRef } from '@hopscope/topology'
import { useRecord } from '../../stream/hooks.ts'

/** Everything about one record: until there is more, the record itself. */
export function Inspector({ selection }: { selection: RecordRef }) {
  const record = useRecord(selection)
  return (
    <pre className="min-h-0 flex-1 overflow-auto p-4 pt-12 font-mono text-sm">{JSON.stringify(record, null, 2)}</pre>
  )
}
