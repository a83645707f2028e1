import { fieldDecoder } from '../../codec/fields.ts'
import type { Reader } from '../../codec/reader.ts'

const bondMode = oneOf([
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
])
const hashPolicy = oneOf(['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'])
const slaveState = oneOf(['ACTIVE', 'BACKUP'])
const miiStatus = oneOf(['UP', 'GOING_DOWN', 'DOWN', 'GOING_BACK'])

/** A bond; times in milliseconds, slaves as ifindex. */
export const readBond = fieldDecoder({
  1: ['mode', bondMode],
  2: ['active_slave', 'u32'],
  3: ['miimon', 'u32'],
  4: ['updelay', 'u32'],
  5: ['downdelay', 'u32'],
  6: ['use_carrier', 'u8'],
  7: ['arp_interval', 'u32'],
  8: ['arp_ip_target', 'skip'],
  9: ['arp_validate', 'skip'],
  10: ['arp_all_targets', 'skip'],
  11: ['primary', 'u32'],
  12: ['primary_reselect', 'u8'],
  13: ['fail_over_mac', 'u8'],
  14: ['xmit_hash_policy', hashPolicy],
  15: ['resend_igmp', 'u32'],
  16: ['num_peer_notif', 'u8'],
  17: ['all_slaves_active', 'u8'],
  18: ['min_links', 'u32'],
  19: ['lp_interval', 'u32'],
  20: ['packets_per_slave', 'u32'],
  21: ['ad_lacp_rate', 'u8'],
  22: ['ad_select', 'u8'],
  23: ['ad_info', 'skip'],
  24: ['ad_actor_sys_prio', 'u16'],
  25: ['ad_user_port_key', 'u16'],
  26: ['ad_actor_system', 'mac'],
  27: ['tlb_dynamic_lb', 'u8'],
  28: ['peer_notif_delay', 'u32'],
  29: ['ad_lacp_active', 'u8'],
  30: ['missed_max', 'u8'],
  31: ['ns_ip6_target', 'skip'],
})
export type BondData = ReturnType<typeof readBond>

/** A bond's slave. */
export const readBondSlave = fieldDecoder({
  1: ['state', slaveState],
  2: ['mii_status', miiStatus],
  3: ['link_failure_count', 'u32'],
  4: ['perm_hwaddr', 'mac'],
  5: ['queue_id', 'u16'],
  6: ['ad_aggregator_id', 'u16'],
  7: ['ad_actor_oper_port_state', 'u8'],
  8: ['ad_partner_oper_port_state', 'u16'],
  9: ['prio', 'i32'],
})
export type BondSlave = ReturnType<typeof readBondSlave>

function oneOf(names: readonly string[]): (reader: Reader, start: number, end: number) => string | undefined {
  return (reader, start, end) => {
    const value = reader.u8(start, end)
    return value === undefined ? undefined : (names[value] ?? String(value))
  }
}
