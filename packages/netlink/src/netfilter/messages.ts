/** nfnetlink subsystems: the upper byte of a message type. */
export const SUBSYSTEM = { CONNTRACK: 1, LOG: 4, NFTABLES: 10 } as const

/** nftables messages: the lower byte of a message type. */
export const NFT_MSG = {
  NEWTABLE: 0,
  GETTABLE: 1,
  DELTABLE: 2,
  NEWCHAIN: 3,
  GETCHAIN: 4,
  DELCHAIN: 5,
  NEWRULE: 6,
  GETRULE: 7,
  DELRULE: 8,
  NEWSET: 9,
  GETSET: 10,
  DELSET: 11,
  NEWSETELEM: 12,
  GETSETELEM: 13,
  DELSETELEM: 14,
  NEWGEN: 15,
  GETGEN: 16,
  TRACE: 17,
} as const

/** struct nfgenmsg: family, version 0, resource id 0. */
export function nfnetlinkHeader(family: number): Buffer {
  return Buffer.from([family, 0, 0, 0])
}

/** Type of an nftables message. */
export function nftType(message: number): number {
  return (SUBSYSTEM.NFTABLES << 8) | message
}

/** nftables' family names by number. */
export function nftFamily(family: number): string {
  return NFT_FAMILIES[family] ?? String(family)
}
const NFT_FAMILIES: Record<number, string> = { 1: 'inet', 2: 'ip', 3: 'arp', 5: 'netdev', 7: 'bridge', 10: 'ip6' }
