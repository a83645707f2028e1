import { type AnyRecord, type Diff, type HostSnapshot, RECORD_KINDS, type RecordKind, visible } from '@hopscope/model'

export type Change = { before: HostSnapshot; after: HostSnapshot; diff: Diff; at: Date }

/** One line for each record that came (+), went (-) or changed (~): time, kind, name, and what changed to what. */
export function changeLines({ before, after, diff, at }: Change): string[] {
  const time = at.toISOString().slice(11, 23)
  return RECORD_KINDS.flatMap((kind) => {
    const change = diff[kind]
    const old = (id: string): AnyRecord | undefined => before.records[kind][id]
    const line = (sign: string, record: AnyRecord | undefined, id: string, rest = '') => {
      const name = record ? nameOf(sign === '-' ? before : after, kind, record) : id
      return `${time}  ${sign} ${kind.padEnd(13)}  ${visible(name + rest)}`
    }
    return [
      ...(change?.put ?? []).map((record) => line('+', record, record.id)),
      ...(change?.set ?? []).map(({ id, fields, unset = [], within = {} }) => {
        const was = Object.entries(old(id) ?? {})
        const valueBefore = (key: string) => was.find(([k]) => k === key)?.[1]
        const parts = [
          ...Object.entries(fields).map(([key, now]) => `${key}: ${short(valueBefore(key))} → ${short(now)}`),
          ...unset.map((key) => `${key}: ${short(valueBefore(key))} → none`),
          ...Object.entries(within).flatMap(([key, inner]) => {
            const before = Object.entries(valueBefore(key) ?? {})
            const innerBefore = (name: string): unknown => before.find(([k]) => k === name)?.[1]
            return [
              ...Object.entries(inner.fields).map(
                ([k, now]) => `${key}.${k}: ${short(innerBefore(k))} → ${short(now)}`,
              ),
              ...(inner.unset ?? []).map((k) => `${key}.${k}: ${short(innerBefore(k))} → none`),
            ]
          }),
        ]
        return line('~', old(id), id, `  ${parts.join(', ')}`)
      }),
      ...(change?.del ?? []).map((id) => line('-', old(id), id)),
    ]
  })
}

function short(value: unknown): string {
  if (value === undefined) return 'none'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** What a person would call it; where it stands when that is not the host itself. */
function nameOf(snapshot: HostSnapshot, kind: RecordKind, record: AnyRecord): string {
  const netns = 'netns' in record && kind !== 'container' ? record.netns : undefined
  const where = netns === undefined || netns === snapshot.host.rootNetns ? '' : ` in ${placeOf(snapshot, netns)}`
  return `${ownName(snapshot, record)}${where}`
}

function placeOf({ records }: HostSnapshot, netns: string): string {
  const container = Object.values(records.container).find((c) => c.netns === netns)
  return container?.name ?? records.netns[netns]?.names[0]?.name ?? netns
}

function ownName(snapshot: HostSnapshot, record: AnyRecord): string {
  const { records } = snapshot
  const link = (netns: string, index?: number) =>
    Object.values(records.link).find((l) => l.netns === netns && l.index === index)?.name ?? `#${index}`
  if ('handle' in record) return `${record.table} ${record.text}`
  if ('chain' in record) return `${record.table} ${record.chain}`
  if ('dst' in record && 'scope' in record)
    return `${record.dst}${record.gateway ? ` via ${record.gateway}` : ''}${record.oif ? ` dev ${link(record.netns, record.oif)}` : ''}`
  if ('local' in record) return `${record.local}/${record.prefixLength} on ${link(record.netns, record.index)}`
  if ('mac' in record) return `${record.mac} at ${link(record.netns, record.index)}`
  if ('orig' in record)
    return `${record.protocol} ${record.orig.src}:${record.orig.sport ?? ''} → ${record.orig.dst}:${record.orig.dport ?? ''}`
  if ('port' in record && 'uid' in record) return `${record.protocol} ${record.address}:${record.port}`
  if ('lladdr' in record || ('proxy' in record && 'address' in record))
    return `${record.address} on ${link(record.netns, record.index)}`
  if ('name' in record) return `${record.name}`
  if ('table' in record && 'family' in record) return `${record.family} ${record.table}`
  if ('inode' in record && 'root' in record) return placeOf(snapshot, record.id)
  if ('priority' in record && 'action' in record) {
    return `${record.priority}: ${record.action} ${record.table ?? ''} (${record.family})`
  }
  return 'links' in record ? 'switches' : record.id
}
