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

/** What the kernel has of nftables in one namespace, at one generation. */
export type Ruleset = { generation: number; tables: NftTable[]; chains: NftChain[]; rules: NftRule[] }

/** Tables, chains and rules over one socket; most namespaces have none. Same as "nft -a list ruleset", without its words. */
export function readRuleset(socket: NetlinkSocket): Ruleset {
  const generation = nftGeneration(socket).id
  const tables = dumpNftTables(socket)
  if (tables.length === 0) return { generation, tables, chains: [], rules: [] }
  return { generation, tables, chains: dumpNftChains(socket), rules: dumpNftRules(socket) }
}
