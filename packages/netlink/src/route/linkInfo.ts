import type { Fields } from '../codec/fields.ts'
import type { Reader } from '../codec/reader.ts'
import { type BondData, type BondSlave, readBond, readBondSlave } from './kinds/bond.ts'
import { type BridgeData, type BridgePort, readBridge, readBridgePort } from './kinds/bridge.ts'
import { type IpvlanData, type MacvlanData, readIpvlan, readMacvlan } from './kinds/macvlan.ts'
import { readTun, type TunData } from './kinds/tun.ts'
import { type GreData, type IpTunnelData, readGre, readIpTunnel } from './kinds/tunnel.ts'
import { readVlan, type VlanData } from './kinds/vlan.ts'
import { readVxlan, type VxlanData } from './kinds/vxlan.ts'

export type { BridgePort } from './kinds/bridge.ts'
export { readBridgePort } from './kinds/bridge.ts'

/** What a kind of link says about itself, with the names that "ip -j -d link" uses. */
export type LinkInfo =
  | ({ kind: 'bridge'; data: BridgeData } & Slave)
  | ({ kind: 'macvlan' | 'macvtap'; data: MacvlanData } & Slave)
  | ({ kind: 'ipvlan' | 'ipvtap'; data: IpvlanData } & Slave)
  | ({ kind: 'vlan'; data: VlanData } & Slave)
  | ({ kind: 'vxlan'; data: VxlanData } & Slave)
  | ({ kind: 'tun'; data: TunData } & Slave)
  | ({ kind: 'bond'; data: BondData } & Slave)
  | ({ kind: 'gre' | 'gretap' | 'ip6gre' | 'ip6gretap' | 'erspan' | 'ip6erspan'; data: GreData } & Slave)
  | ({ kind: 'ipip' | 'sit' | 'ip6tnl'; data: IpTunnelData } & Slave)
  /** veth, dummy, wireguard… have no data of their own; "" is a link without a kind that is somebody's port. */
  | ({ kind: string; data?: undefined } & Slave)

/** What the master says about this link as its port. */
export type Slave = { slaveKind?: string; slaveData?: BridgePort | BondSlave }

type Span = readonly [start: number, end: number]
type ReadData = (reader: Reader, start: number, end: number) => Fields<Record<number, never>>

/** IFLA_LINKINFO. */
export function readLinkInfo(reader: Reader, start: number, end: number): LinkInfo {
  const raw: { kind: string; slaveKind?: string; data?: Span; slaveData?: Span } = { kind: '' }
  reader.attributes(start, end, (type, from, to) => {
    if (type === 1) raw.kind = reader.text(from, to)
    else if (type === 2) raw.data = [from, to]
    else if (type === 4) raw.slaveKind = reader.text(from, to)
    else if (type === 5) raw.slaveData = [from, to]
    else if (type !== 3) reader.unknown()
  })
  const info: { kind: string; slaveKind?: string; data?: unknown; slaveData?: unknown } = { kind: raw.kind }
  const data = readNest(reader, KINDS[raw.kind], raw.data)
  if (data !== undefined) info.data = data
  if (raw.slaveKind !== undefined) {
    info.slaveKind = raw.slaveKind
    info.slaveData = readNest(reader, SLAVE_KINDS[raw.slaveKind], raw.slaveData)
  }
  // KINDS pairs each kind with the decoder of its own data, which is what the union says.
  return info as LinkInfo
}

function readNest(reader: Reader, read: ReadData | undefined, span: Span | undefined): unknown {
  if (span === undefined) return undefined
  if (read !== undefined) return read(reader, span[0], span[1])
  if (span[1] > span[0]) reader.unknown()
  return undefined
}

const KINDS: Record<string, ReadData | undefined> = {
  bridge: readBridge,
  macvlan: readMacvlan,
  macvtap: readMacvlan,
  ipvlan: readIpvlan,
  ipvtap: readIpvlan,
  vlan: readVlan,
  vxlan: readVxlan,
  tun: readTun,
  bond: readBond,
  gre: readGre,
  gretap: readGre,
  ip6gre: readGre,
  ip6gretap: readGre,
  erspan: readGre,
  ip6erspan: readGre,
  ipip: readIpTunnel,
  sit: readIpTunnel,
  ip6tnl: readIpTunnel,
}

const SLAVE_KINDS: Record<string, ReadData | undefined> = { bridge: readBridgePort, bond: readBondSlave }
