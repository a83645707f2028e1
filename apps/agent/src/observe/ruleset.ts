import {
  dumpNftChains,
  dumpNftRules,
  dumpNftTables,
  type NetlinkSocket,
  type NftChain,
  type NftRule,
  type NftTable,
  nftGeneration,
} from '@hopscope/netlink'
import { isOwnTable } from './ownTracing.ts'

/** What the kernel has of nftables in one namespace, at one generation. */
export type Ruleset = { generation: number; tables: NftTable[]; chains: NftChain[]; rules: NftRule[] }

/**
 * Tables, chains and rules over one socket, without those of our tracings; most namespaces have none. Same as "nft -a list ruleset",
 * without its words.
 */
export function readRuleset(socket: NetlinkSocket): Ruleset {
  const generation = nftGeneration(socket).id
  const all = dumpNftTables(socket)
  const tables = all.filter((table) => !isOwnTable(table))
  if (tables.length === 0) return { generation, tables, chains: [], rules: [] }
  const keys = new Set(tables.map(({ family, name }) => `${family} ${name}`))
  const isThere = ({ family, table }: NftChain | NftRule) => keys.has(`${family} ${table}`)
  return {
    generation,
    tables,
    chains: dumpNftChains(socket).filter(isThere),
    rules: dumpNftRules(socket).filter(isThere),
  }
}
