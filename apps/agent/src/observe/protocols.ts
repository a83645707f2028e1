/** Name of an IP protocol as /etc/protocols and conntrack have it, its number in text for one without. */
export function protocolName(protocol: number): string {
  return NAMES[protocol] ?? String(protocol)
}

const NAMES: Record<number, string> = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipencap',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'icmpv6',
  89: 'ospf',
  132: 'sctp',
  136: 'udplite',
}
