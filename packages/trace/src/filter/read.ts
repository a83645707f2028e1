import type { Container, Records } from '@hopscope/model'
import { type Alternative, alternativesOf } from './filter.ts'
import { type FilterError, type Names, parseFilter } from './parse.ts'

/** What is wrong with a filter: where, or that the kernel would be asked too much at every packet. */
export type FilterFault = FilterError | 'TOO_MANY'
export type ReadFilter = { ok: true; alternatives: readonly Alternative[] } | { ok: false; fault: FilterFault }

/** A filter as it is typed on a host, where the name of a container stands for its addresses. */
export function readFilter(text: string, records: Pick<Records, 'container'>): ReadFilter {
  const parsed = parseFilter(text, namesOf(records))
  if (!parsed.ok) return { ok: false, fault: parsed.error }
  const alternatives = alternativesOf(parsed.filter)
  return alternatives === undefined ? { ok: false, fault: 'TOO_MANY' } : { ok: true, alternatives }
}

/** Containers by name: all addresses that Docker gave them. */
const namesOf = ({ container }: Pick<Records, 'container'>): Names =>
  new Map(
    Object.values(container).flatMap((one): [string, string[]][] => {
      const addresses = addressesOf(one)
      return addresses.length === 0 ? [] : [[one.name, addresses]]
    }),
  )

const addressesOf = ({ attachments }: Container): string[] =>
  attachments.flatMap(({ ip, ip6 }) => [ip, ip6]).flatMap((address) => address || [])
