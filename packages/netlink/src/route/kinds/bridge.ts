import { formatMac } from '../../codec/addresses.ts'
import { fieldDecoder } from '../../codec/fields.ts'
import type { Reader } from '../../codec/reader.ts'

/** A bridge. Times in 1/100 s, timers in seconds, as "ip -d link" prints them. */
export const readBridge = fieldDecoder({
  1: ['forward_delay', 'u32'],
  2: ['hello_time', 'u32'],
  3: ['max_age', 'u32'],
  4: ['ageing_time', 'u32'],
  5: ['stp_state', 'u32'],
  6: ['priority', 'u16'],
  7: ['vlan_filtering', 'u8'],
  8: ['vlan_protocol', etherType],
  9: ['group_fwd_mask', 'u16'],
  10: ['root_id', bridgeId],
  11: ['bridge_id', bridgeId],
  12: ['root_port', 'u16'],
  13: ['root_path_cost', 'u32'],
  14: ['topology_change', 'u8'],
  15: ['topology_change_detected', 'u8'],
  16: ['hello_timer', timer],
  17: ['tcn_timer', timer],
  18: ['topology_change_timer', timer],
  19: ['gc_timer', timer],
  20: ['group_addr', 'mac'],
  21: ['fdb_flush', 'skip'],
  22: ['mcast_router', 'u8'],
  23: ['mcast_snooping', 'u8'],
  24: ['mcast_query_use_ifaddr', 'u8'],
  25: ['mcast_querier', 'u8'],
  26: ['mcast_hash_elasticity', 'u32'],
  27: ['mcast_hash_max', 'u32'],
  28: ['mcast_last_member_cnt', 'u32'],
  29: ['mcast_startup_query_cnt', 'u32'],
  30: ['mcast_last_member_intvl', 'u64'],
  31: ['mcast_membership_intvl', 'u64'],
  32: ['mcast_querier_intvl', 'u64'],
  33: ['mcast_query_intvl', 'u64'],
  34: ['mcast_query_response_intvl', 'u64'],
  35: ['mcast_startup_query_intvl', 'u64'],
  36: ['nf_call_iptables', 'u8'],
  37: ['nf_call_ip6tables', 'u8'],
  38: ['nf_call_arptables', 'u8'],
  39: ['vlan_default_pvid', 'u16'],
  40: ['padding', 'skip'],
  41: ['vlan_stats_enabled', 'u8'],
  42: ['mcast_stats_enabled', 'u8'],
  43: ['mcast_igmp_version', 'u8'],
  44: ['mcast_mld_version', 'u8'],
  45: ['vlan_stats_per_port', 'u8'],
  46: ['multi_boolopt', booleanOptions],
  47: ['mcast_querier_state', 'skip'],
  48: ['fdb_n_learned', 'u32'],
  49: ['fdb_max_learned', 'u32'],
})
export type BridgeData = ReturnType<typeof readBridge>

/** A bridge's port. Timers in seconds. */
export const readBridgePort = fieldDecoder({
  1: ['state', portState],
  2: ['priority', 'u16'],
  3: ['cost', 'u32'],
  4: ['hairpin', 'bool'],
  5: ['guard', 'bool'],
  6: ['root_block', 'bool'],
  7: ['fastleave', 'bool'],
  8: ['learning', 'bool'],
  9: ['flood', 'bool'],
  10: ['proxy_arp', 'bool'],
  11: ['learning_sync', 'bool'],
  12: ['proxy_arp_wifi', 'bool'],
  13: ['root_id', bridgeId],
  14: ['bridge_id', bridgeId],
  15: ['designated_port', 'u16'],
  16: ['designated_cost', 'u16'],
  17: ['id', 'u16'],
  18: ['no', 'u16'],
  19: ['topology_change_ack', 'u8'],
  20: ['config_pending', 'u8'],
  21: ['message_age_timer', timer],
  22: ['forward_delay_timer', timer],
  23: ['hold_timer', timer],
  24: ['flush', 'skip'],
  25: ['multicast_router', 'u8'],
  26: ['padding', 'skip'],
  27: ['mcast_flood', 'bool'],
  28: ['mcast_to_unicast', 'bool'],
  29: ['vlan_tunnel', 'bool'],
  30: ['bcast_flood', 'bool'],
  31: ['group_fwd_mask', 'u16'],
  32: ['neigh_suppress', 'bool'],
  33: ['isolated', 'bool'],
  34: ['backup_port', 'u32'],
  35: ['mrp_ring_open', 'bool'],
  36: ['mrp_in_open', 'bool'],
  37: ['mcast_eht_hosts_limit', 'u32'],
  38: ['mcast_eht_hosts_cnt', 'u32'],
  39: ['locked', 'bool'],
  40: ['mab', 'bool'],
  41: ['mcast_n_groups', 'u32'],
  42: ['mcast_max_groups', 'u32'],
  43: ['neigh_vlan_suppress', 'bool'],
  44: ['backup_nhid', 'u32'],
})
export type BridgePort = ReturnType<typeof readBridgePort>

/** "8000.02:42:ac:11:00:01": priority and MAC, padded where "ip" writes "2:42:ac:11:0:1". */
function bridgeId(reader: Reader, start: number, end: number): string | undefined {
  if (!reader.has(start, end, 8)) return undefined
  return `${reader.hex(start, start + 2)}.${formatMac(reader.bytes, start + 2, start + 8)}`
}

function timer(reader: Reader, start: number, end: number): number | undefined {
  const ticks = reader.u64(start, end)
  return ticks === undefined ? undefined : ticks / 100
}

function portState(reader: Reader, start: number, end: number): string | undefined {
  const state = reader.u8(start, end)
  return state === undefined ? undefined : (PORT_STATES[state] ?? String(state))
}
const PORT_STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking']

/** struct br_boolopt_multi: a value word under a mask word. */
function booleanOptions(reader: Reader, start: number, end: number): BooleanOptions | undefined {
  if (!reader.has(start, end, 8)) return undefined
  const value = reader.bytes.readUInt32LE(start) & reader.bytes.readUInt32LE(start + 4)
  return { no_linklocal_learn: (value & 1) !== 0, mcast_vlan_snooping: (value & 2) !== 0 }
}
export type BooleanOptions = { no_linklocal_learn: boolean; mcast_vlan_snooping: boolean }

/** "802.1Q" or "802.1ad", else the EtherType in hex. */
export function etherType(reader: Reader, start: number, end: number): string | undefined {
  const value = reader.u16BE(start, end)
  if (value === 0x8100) return '802.1Q'
  if (value === 0x88a8) return '802.1ad'
  return value?.toString(16)
}
