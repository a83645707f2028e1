import type { LinkInfo } from './linkInfo.ts'

/** Counters since the link was made; rx "dropped" leaves out what nobody wanted ("missed"), as "ip -s link" does. */
export type LinkStatistics = {
  rx: {
    bytes: number
    packets: number
    errors: number
    dropped: number
    overErrors: number
    fifoErrors: number
    multicast: number
  }
  tx: {
    bytes: number
    packets: number
    errors: number
    dropped: number
    fifoErrors: number
    carrierErrors: number
    collisions: number
  }
}
/** A network interface. Names and values are those of "ip -d link"; absent is what the kernel did not say. */
export type Link = {
  index: number
  name: string
  altnames: string[]
  alias?: string
  /** ether, loopback, ipip, sit, gre, none… */
  type: string
  flags: number
  /** NO-CARRIER, LOOPBACK, BROADCAST, PROMISC, UP, LOWER_UP… in "ip link"'s order. */
  flagNames: string[]
  mtu?: number
  minMtu?: number
  maxMtu?: number
  qdisc?: string
  txqlen?: number
  /** UNKNOWN, NOTPRESENT, DOWN, LOWERLAYERDOWN, TESTING, DORMANT, UP. */
  operstate?: string
  linkmode?: string
  group?: number
  address?: string
  broadcast?: string
  permaddr?: string
  promiscuity?: number
  allmulti?: number
  numTxQueues?: number
  numRxQueues?: number
  gsoMaxSize?: number
  gsoMaxSegs?: number
  groMaxSize?: number
  tsoMaxSize?: number
  tsoMaxSegs?: number
  master?: number
  /**
   * The link that this one is on top of, or a veth's peer; its namespace is `linkNetnsid`, our own without one. A veth whose
   * peer has the same index as itself comes without `iflink`: when `linkNetnsid` is there, the peer's index is then ours.
   */
  iflink?: number
  linkNetnsid?: number
  /** On RTM_DELLINK of a link that moves: the id of the namespace it moves to, and its index there. */
  newNetnsid?: number
  newIfindex?: number
  /** The namespace that was asked for with `targetNsid`. */
  targetNetnsid?: number
  carrier?: boolean
  carrierChanges?: number
  protoDown?: boolean
  parentDevice?: string
  parentBus?: string
  stats64?: LinkStatistics
  linkinfo?: LinkInfo
}
