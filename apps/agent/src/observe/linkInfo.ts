import type { LinkInfo } from '@hopscope/model'
import type { BridgeData, LinkInfo as KernelInfo, TunData, VxlanData } from '@hopscope/netlink'

/** What a link's kind adds to it. Times in seconds. Same as the second half of "ip -d link show". */
export function linkInfoOf(info: KernelInfo | undefined): LinkInfo {
  const kind = info?.kind ?? ''
  if (info === undefined || kind === '') return { kind: 'device' }
  switch (info.kind) {
    case 'veth':
    case 'dummy':
    case 'wireguard':
      return { kind: info.kind }
    case 'bridge':
      return bridgeOf(info.data ?? {})
    case 'macvlan':
    case 'macvtap':
      return { kind: info.kind, mode: text(info.data, 'mode') ?? 'unknown' }
    case 'ipvlan':
      return { kind: 'ipvlan', mode: text(info.data, 'mode') ?? 'unknown', flag: flag(info.data) }
    case 'vlan':
      return { kind: 'vlan', vlanId: number(info.data, 'id') ?? 0, protocol: text(info.data, 'protocol') ?? '802.1Q' }
    case 'vxlan':
      return vxlanOf(info.data ?? {})
    case 'tun':
      return tunOf(info.data ?? {})
    default:
      return { kind: 'other', name: kind }
  }
}

function bridgeOf(data: BridgeData): LinkInfo {
  return {
    kind: 'bridge',
    bridgeId: data.bridge_id ?? '',
    rootId: data.root_id ?? '',
    rootPort: data.root_port ?? 0,
    rootPathCost: data.root_path_cost,
    priority: data.priority ?? 0,
    stp: (data.stp_state ?? 0) !== 0,
    ageingTime: (data.ageing_time ?? 0) / 100,
    forwardDelay: (data.forward_delay ?? 0) / 100,
    helloTime: (data.hello_time ?? 0) / 100,
    maxAge: (data.max_age ?? 0) / 100,
    vlanFiltering: (data.vlan_filtering ?? 0) !== 0,
    multicastSnooping: onOff(data.mcast_snooping),
    groupForwardMask: data.group_fwd_mask,
    nfCallIptables: onOff(data.nf_call_iptables),
    nfCallIp6tables: onOff(data.nf_call_ip6tables),
    nfCallArptables: onOff(data.nf_call_arptables),
  }
}

function vxlanOf(data: VxlanData): LinkInfo {
  const far = data.group ?? data.group6
  return {
    kind: 'vxlan',
    vni: data.id ?? 0,
    // One attribute carries both: a multicast group, or the one remote end.
    ...(far === undefined ? {} : isMulticast(far) ? { group: far } : { remote: far }),
    local: data.local ?? data.local6,
    underlay: data.link || undefined,
    port: data.port ?? 0,
    learning: data.learning ?? false,
    proxy: data.proxy,
    l2miss: data.l2miss,
    l3miss: data.l3miss,
    ageing: data.ageing,
    ttl: data.ttl,
  }
}

function tunOf(data: TunData): LinkInfo {
  return { kind: 'tun', type: data.type === 'tun' ? 'tun' : 'tap', persist: data.persist, owner: data.user }
}

function isMulticast(address: string): boolean {
  if (address.includes(':')) return address.startsWith('ff')
  const first = Number(address.split('.')[0])
  return first >= 224 && first < 240
}

const onOff = (value: number | undefined): boolean | undefined => (value === undefined ? undefined : value !== 0)

// The kernel's union ends in "any other kind, without data", so a named kind does not narrow `data` by itself.
function text(data: object | undefined, key: string): string | undefined {
  const value = entry(data, key)
  return typeof value === 'string' ? value : undefined
}
function number(data: object | undefined, key: string): number | undefined {
  const value = entry(data, key)
  return typeof value === 'number' ? value : undefined
}
function flag(data: object | undefined): string | undefined {
  const flags = entry(data, 'flags')
  return Array.isArray(flags) && typeof flags[0] === 'string' ? flags[0] : undefined
}
function entry(data: object | undefined, key: string): unknown {
  return data === undefined ? undefined : Object.entries(data).find(([name]) => name === key)?.[1]
}
