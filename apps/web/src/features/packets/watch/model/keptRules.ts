import {
  fwChainSchema,
  fwRuleSchema,
  fwTableId,
  fwTableSchema,
  type Hop,
  type HostSnapshot,
  type Records,
  recordsOf,
  routeSchema,
} from '@hopscope/model'
import { LOCAL_TABLE } from '@hopscope/path'
import { z } from 'zod'

/**
 * From what it can be told of a packet why rules did not match: the tables that it came by, with their sets, chains and rules, and which addresses
 * were local there.
 */
export const keptRulesSchema = z.strictObject({
  tables: z.array(fwTableSchema).max(10_000),
  chains: z.array(fwChainSchema).max(10_000),
  rules: z.array(fwRuleSchema).max(50_000),
  locals: z.array(routeSchema).max(50_000),
})
export type KeptRules = z.infer<typeof keptRulesSchema>

/** The rules of every table that these hops came by, as the snapshot has them. */
export function rulesMet(hops: readonly Hop[], snapshot: HostSnapshot): KeptRules {
  const chains = hops.filter((hop) => hop.kind === 'chain')
  const tables = new Set(chains.map(fwTableId))
  const spaces = new Set(chains.map(({ netns }) => netns))
  return {
    tables: recordsOf(snapshot, 'fwTable').filter(({ id }) => tables.has(id)),
    chains: recordsOf(snapshot, 'fwChain').filter((one) => tables.has(fwTableId(one))),
    rules: recordsOf(snapshot, 'fwRule').filter((one) => tables.has(fwTableId(one))),
    locals: recordsOf(snapshot, 'route').filter(({ netns, table }) => table === LOCAL_TABLE && spaces.has(netns)),
  }
}

/** The same as a snapshot has it. */
export function recordsOfRules({
  tables,
  chains,
  rules,
  locals,
}: KeptRules): Pick<Records, 'fwTable' | 'fwChain' | 'fwRule' | 'route'> {
  return { fwTable: byId(tables), fwChain: byId(chains), fwRule: byId(rules), route: byId(locals) }
}

export const byId = <T extends { id: string }>(all: readonly T[]): Record<string, T> =>
  Object.fromEntries(all.map((one) => [one.id, one]))
