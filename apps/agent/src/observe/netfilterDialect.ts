import type { NftChain, NftTable } from '@hopscope/netlink'

/** The tables that iptables-nft makes, with the chains that it hooks in. */
const IPTABLES: Record<string, readonly string[]> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
}

/** Whether iptables-nft would call this table its own: by name and by the names of its hooked chains. */
export function isIptablesTable(table: NftTable, chains: readonly NftChain[]): boolean {
  const names = IPTABLES[table.name]
  if (names === undefined || (table.family !== 'ip' && table.family !== 'ip6')) return false
  return chains
    .filter((chain) => chain.family === table.family && chain.table === table.name && chain.hook !== undefined)
    .every((chain) => names.includes(chain.name))
}

export const tableKey = (table: { family: string; name: string }): string => `${table.family} ${table.name}`
