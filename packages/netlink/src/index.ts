export {
  changedAddresses,
  changedFdb,
  changedLinks,
  changedNeighbours,
  changedProxies,
  changedRoutes,
  changedRules,
} from './changedTables.ts'
export { formatIp, formatMac, parseIp, parseMac } from './codec/addresses.ts'
export { type DecodeTally, type Message, Reader } from './codec/reader.ts'
export { attribute, cString, encodeMessage, i32, nested, u32 } from './codec/writer.ts'
export { dumpListeningSockets, type ListeningSocket, type SocketProtocol } from './diag/sockets.ts'
export { dumpAll, type NetnsDump } from './dumpAll.ts'
export type { DumpMemory, RawDump } from './dumpMemory.ts'
export { DumpInterruptedError, errnoName, NetlinkError } from './errors.ts'
export {
  type EventHandlers,
  type EventProtocol,
  type Events,
  type NetlinkEvent,
  type NsidEvent,
  openEvents,
} from './events.ts'
export {
  type Ghost,
  GLANCED,
  type Glanced,
  type GlancedTable,
  type GlancePlace,
  glance,
  neighboursSayTheSame,
  netnsCookie,
} from './glance.ts'
export {
  insideNetns,
  isNsfs,
  type Netns,
  type NetnsIdentity,
  netnsIdentity,
  type OpenNetns,
  openNetns,
  ownNetnsPath,
} from './namespaces.ts'
export {
  type ConntrackEntry,
  type Counters,
  decodeConntrack,
  dumpConntrack,
  type Tuple,
} from './netfilter/conntrack.ts'
export type { NetfilterEvent } from './netfilter/events.ts'
export type { AttributeNode, Expression, RuleCounter } from './netfilter/expressions.ts'
export { type LegacyTable, legacyTableBlob } from './netfilter/legacyTable.ts'
export type { LoggedPacket } from './netfilter/log.ts'
export {
  dumpNftChains,
  dumpNftRules,
  dumpNftSets,
  dumpNftTables,
  type NftChain,
  type NftGeneration,
  type NftHook,
  type NftRule,
  type NftSet,
  type NftTable,
  nftGeneration,
} from './netfilter/nftables.ts'
export { type ChainSpec, makeOwnedTables, type OwnedTables, type TableSpec } from './netfilter/ownedTable.ts'
export * as nftRule from './netfilter/ruleExpressions.ts'
export type { NftTrace } from './netfilter/trace.ts'
export { openPacketLog, type PacketLog } from './packetLog.ts'
export { openProbe, type Probe, type ProbeTarget } from './probe.ts'
export { type Address, dumpAddresses } from './route/addresses.ts'
export type { Action, RouteEvent } from './route/events.ts'
export { dumpFdb, type FdbEntry } from './route/fdb.ts'
export type { BondData, BondSlave } from './route/kinds/bond.ts'
export type { BridgeData, BridgePort } from './route/kinds/bridge.ts'
export type { IpvlanData, MacvlanData } from './route/kinds/macvlan.ts'
export type { TunData } from './route/kinds/tun.ts'
export type { GreData, IpTunnelData } from './route/kinds/tunnel.ts'
export type { VlanData } from './route/kinds/vlan.ts'
export type { VxlanData } from './route/kinds/vxlan.ts'
export type { Link, LinkStatistics } from './route/link.ts'
export type { LinkInfo, Slave } from './route/linkInfo.ts'
export { type BridgePortChange, dumpLinks, getLink, type LinkFilter } from './route/links.ts'
export type { IpFamily } from './route/names.ts'
export { dumpNeighbours, type Neighbour } from './route/neighbours.ts'
export { dumpNetconf, type Netconf } from './route/netconf.ts'
export { ensureNsid, getNsid, listNsids, type Nsid, setNsid } from './route/nsids.ts'
export { dumpRoutes, type Nexthop, type Route, type Via } from './route/routes.ts'
export { dumpRules, type PolicyRule, type Range } from './route/rules.ts'
export {
  type Decode,
  NETLINK,
  NetlinkSocket,
  openNetlink,
  type Request,
  type SocketOptions,
  withNetlink,
} from './socket.ts'
export { openTraceEvents, type TraceEvents } from './traceEvents.ts'
export { readWaitingEvents, type WatchHandlers } from './watch.ts'
