import { type HostSnapshot, RECORD_KINDS, visible } from '@hopscope/model'
import type { RecordRef } from '@hopscope/topology'

/** The object that decided, with what people call it; undefined where none did, or it is gone. */
export function blamed(
  hostId: string,
  snapshot: HostSnapshot,
  id: string | undefined,
): { ref: RecordRef; name: string } | undefined {
  if (id === undefined) return undefined
  const kind = RECORD_KINDS.find((one) => snapshot.records[one][id] !== undefined)
  const record = kind && snapshot.records[kind][id]
  if (kind === undefined || record === undefined) return undefined
  return { ref: { hostId, kind, id }, name: visible(nameOf(record) ?? id) }
}

function nameOf(record: object): string | undefined {
  const text = (key: string): string | undefined => {
    const value: unknown = Reflect.get(record, key)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  if ('position' in record) return `${text('table')} ${text('chain')} ${text('position')}`
  if ('chain' in record) return `${text('table')} ${text('chain')}`
  return text('name') ?? text('address') ?? text('dst') ?? text('mac') ?? text('key')
}
