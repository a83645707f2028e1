import type { AnyRecord, HostSnapshot, Link, RecordKind, Records } from '@hopscope/model'

/** The host with only these containers (by record id): without the others' namespaces, their links' far ends and what hangs from those. */
export function onlyContainers(host: HostSnapshot, present: ReadonlySet<string>): HostSnapshot {
  const all = Object.values(host.records.container)
  const stay = new Set(all.filter((c) => present.has(c.id)).map((c) => c.netns))
  const gone = new Set(all.flatMap((c) => (c.netns === undefined || stay.has(c.netns) ? [] : [c.netns])))
  gone.delete(host.host.rootNetns)
  const goneLinks = new Set(
    Object.values(host.records.link)
      .filter((l) => gone.has(l.netns) || gone.has(l.linkNetns ?? ''))
      .map((l) => keyOf(l.netns, l.index)),
  )
  const keep = (kind: RecordKind, record: AnyRecord): boolean => {
    if (kind === 'container') return present.has(record.id)
    if (kind === 'netns') return !gone.has(record.id)
    if (!('netns' in record) || record.netns === undefined) return true
    if (gone.has(record.netns)) return false
    return !('index' in record) || !goneLinks.has(keyOf(record.netns, record.index))
  }
  const tables = Object.entries(host.records).map(([kind, table]) => {
    // Object.entries forgets which kind's records a table holds.
    const records = Object.entries(table as Record<string, AnyRecord>)
    return [kind, Object.fromEntries(records.filter(([, record]) => keep(kind as RecordKind, record)))]
  })
  return { host: host.host, records: Object.fromEntries(tables) as Records } // the same tables with fewer records
}

const keyOf = (netns: string, index: Link['index'] | undefined): string => `${netns} ${index}`
