import type { Address, Neighbour, PolicyRule, Route } from '@hopscope/model'
import { type Family, type Ip, type Prefix, toIp, toPrefix } from '../ip.ts'
import { pushTo } from './pushTo.ts'

export type IndexedAddress = { record: Address; n: Ip; prefix: Prefix }
export type IndexedRoute = { record: Route; prefix: Prefix }
/** The records of one family in one namespace. */
export type FamilyRecords = {
  addresses: Address[]
  routes: Route[]
  policyRules: PolicyRule[]
  neighbours: Neighbour[]
}

/** What a packet of one family looks up in a namespace. */
export type Tables = {
  readonly addresses: readonly IndexedAddress[]
  /** By table, the longest prefix first. */
  readonly routes: ReadonlyMap<number, readonly IndexedRoute[]>
  /** By priority. */
  readonly policyRules: readonly PolicyRule[]
  readonly neighbours: ReadonlyMap<string, Neighbour>
  /** Whom a link answers in place of: "ip neigh show proxy". */
  readonly proxies: ReadonlyMap<string, Neighbour>
}

export const neighbourKey = (index: number, address: string): string => `${index} ${address}`

/** The tables that these records are. */
export function tablesOf(records: FamilyRecords, family: Family): Tables {
  const addresses: IndexedAddress[] = []
  for (const record of records.addresses) {
    const n = toIp(record.local)
    const prefix = toPrefix(`${record.local}/${record.prefixLength}`, family)
    if (n !== undefined && prefix) addresses.push({ record, n, prefix })
  }
  const routes = new Map<number, IndexedRoute[]>()
  for (const record of records.routes) {
    const prefix = toPrefix(record.dst, family)
    if (prefix) pushTo(routes, record.table, { record, prefix })
  }
  for (const table of routes.values()) table.sort(byPrefixAndMetric)
  const policyRules = [...records.policyRules].sort((a, b) => a.priority - b.priority)
  const neighbours = new Map<string, Neighbour>()
  const proxies = new Map<string, Neighbour>()
  for (const record of records.neighbours)
    (record.proxy ? proxies : neighbours).set(neighbourKey(record.index, record.address), record)
  return { addresses, routes, policyRules, neighbours, proxies }
}

const byPrefixAndMetric = (a: IndexedRoute, b: IndexedRoute): number =>
  b.prefix.length - a.prefix.length || (a.record.metric ?? 0) - (b.record.metric ?? 0)
