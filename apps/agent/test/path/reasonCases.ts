import type { PathReason } from '@hopscope/model'
import type { Flow } from './sending.ts'

export type ReasonCase = {
  flow: Flow
  verdict: string
  reason: PathReason
  blame?: string
  suggests?: string
  /** What somebody types instead of the command that is suggested. */
  byHand?: readonly string[]
  /** What has to be forgotten besides. */
  also?: readonly string[]
  /** The verdict then. */
  after?: string
}

/** A namespace on a cable of its own to the host, with the host as its way to everywhere. */
const cable = (n: number, withDefault = true): string[] => [
  `ip netns add a${n}`,
  `ip link add h${n} up type veth peer name eth0 netns a${n}`,
  `ip address add 10.1.${n}.1/24 dev h${n}`,
  `ip -n a${n} link set lo up`,
  `ip -n a${n} link set eth0 up`,
  `ip -n a${n} address add 10.1.${n}.2/24 dev eth0`,
  ...(withDefault ? [`ip -n a${n} route add default via 10.1.${n}.1`] : []),
]

/** Two namespaces on one cable. */
const pair = (one: string, other: string, net: string): string[] => [
  `ip netns add ${one}`,
  `ip netns add ${other}`,
  `ip -n ${one} link add eth0 type veth peer name eth0 netns ${other}`,
  `ip -n ${one} link set eth0 up`,
  `ip -n ${other} link set eth0 up`,
  `ip -n ${one} address add ${net}.1/24 dev eth0`,
  `ip -n ${other} address add ${net}.2/24 dev eth0`,
]

const member = (name: string, bridge: string, address: string): string[] => [
  `ip netns add ${name}`,
  `ip link add p-${name} type veth peer name eth0 netns ${name}`,
  `ip link set p-${name} master ${bridge} up`,
  `ip -n ${name} link set eth0 up`,
  `ip -n ${name} address add ${address}/24 dev eth0`,
]

/** The host in which all of it happens at once. */
export const LINES: readonly string[] = [
  'sysctl -qw net.ipv4.ip_forward=1',
  'sysctl -qw net.bridge.bridge-nf-call-iptables=0',
  ...cable(1, false),
  ...[2, 3, 4, 5, 6, 11].flatMap((n) => cable(n)),
  // a3 drops by a rule, a4 rejects, a5 has nothing but its policy.
  'ip netns exec a3 iptables -A INPUT -p tcp --dport 7000 -j DROP',
  'ip netns exec a4 iptables -A INPUT -p tcp --dport 7000 -j REJECT',
  'ip netns exec a5 iptables -P INPUT DROP',
  // a6 would answer by another link; it also has an address of a2.
  'ip link add g6 up type veth peer name eth1 netns a6',
  'ip address add 10.1.60.1/24 dev g6',
  'ip -n a6 link set eth1 up',
  'ip -n a6 address add 10.1.60.2/24 dev eth1',
  'ip -n a6 route replace default via 10.1.60.1',
  'ip netns exec a6 sysctl -qw net.ipv4.conf.eth0.rp_filter=1',
  'ip -n a11 address add 10.1.3.2/32 dev lo',
  'ip link set h11 mtu 1200',
  'ip route add unreachable 10.99.0.1',
  'ip route add prohibit 10.99.0.2',
  // A router that does not forward, cables that are cut, routers that lead in a circle, a wrong neighbour.
  ...pair('f1', 'f2', '10.2.1'),
  'ip netns add f3',
  'ip -n f2 link add eth1 type veth peer name eth0 netns f3',
  'ip -n f2 link set eth1 up',
  'ip -n f2 address add 10.2.2.1/24 dev eth1',
  'ip -n f3 link set eth0 up',
  'ip -n f3 address add 10.2.2.2/24 dev eth0',
  'ip -n f1 route add default via 10.2.1.2',
  'ip -n f3 route add default via 10.2.2.1',
  ...pair('d1', 'd2', '10.3.1'),
  'ip -n d1 link set eth0 down',
  ...pair('c1', 'c2', '10.3.2'),
  'ip -n c2 link set eth0 down',
  ...pair('t1', 't2', '10.3.3'),
  'ip netns add t0',
  'ip -n t1 link add eth1 type veth peer name eth0 netns t0',
  'ip -n t1 link set eth1 up',
  'ip -n t1 address add 10.3.5.1/24 dev eth1',
  'ip -n t0 link set eth0 up',
  'ip -n t0 address add 10.3.5.2/24 dev eth0',
  'ip -n t0 route add default via 10.3.5.1',
  'ip -n t1 route add default via 10.3.3.2',
  'ip -n t2 route add default via 10.3.3.1',
  'ip netns exec t2 sysctl -qw net.ipv4.ip_forward=1',
  'ip netns exec t1 sysctl -qw net.ipv4.ip_forward=1',
  ...pair('w1', 'w2', '10.3.4'),
  'ip -n w1 neigh replace 10.3.4.2 lladdr 02:00:00:00:00:99 dev eth0 nud permanent',
  // A bridge with a blocked port, isolated ones, and what NAT does to those on it.
  'ip link add br9 up type bridge',
  'ip address add 10.9.0.1/24 dev br9',
  ...[1, 2, 3, 4, 5].flatMap((n) => member(`m${n}`, 'br9', `10.9.0.1${n}`)),
  'bridge link set dev p-m3 isolated on',
  'bridge link set dev p-m4 isolated on',
  'iptables -t nat -A PREROUTING -i br9 -p tcp --dport 8081 -j DNAT --to-destination 10.9.0.15:7000',
  'ip link add br10 up type bridge',
  'ip address add 10.10.0.1/24 dev br10',
  ...member('x1', 'br10', '10.10.0.11'),
  'ip link set br10 type bridge nf_call_iptables 1',
  'iptables -t nat -A PREROUTING -i br10 -p tcp --dport 8082 -j DNAT --to-destination 10.10.0.11:7000',
  'iptables -t nat -A POSTROUTING -s 10.10.0.11 -d 10.10.0.11 -j MASQUERADE',
]

const ping = (from: string, to: string): Flow => ({ from, to, protocol: 'icmp' })
const tcp = (from: string, to: string, port = 7000): Flow => ({ from, to, protocol: 'tcp', port })

export const CASES: readonly [ReasonCase, ...ReasonCase[]] = [
  {
    flow: ping('a1', '203.0.113.10'),
    ...{ verdict: 'refused', reason: 'NO_ROUTE', suggests: 'ROUTE_ADD' },
    byHand: ['ip -n a1 route add default via 10.1.1.1'],
    after: 'left',
  },
  {
    flow: ping('host', '10.99.0.1'),
    ...{ verdict: 'refused', reason: 'ROUTE_REFUSES', blame: 'route 10.99.0.1', suggests: 'ROUTE_DELETE' },
    byHand: ['ip route del unreachable 10.99.0.1'],
    after: 'left',
  },
  {
    flow: ping('a2', '10.99.0.2'),
    ...{ verdict: 'refused', reason: 'ROUTE_REFUSES', blame: 'route 10.99.0.2', suggests: 'ROUTE_DELETE' },
    byHand: ['ip route del prohibit 10.99.0.2'],
    after: 'left',
  },
  {
    flow: tcp('host', '10.1.3.2'),
    ...{ verdict: 'dropped', reason: 'RULE_DROP', blame: 'rule INPUT 1', suggests: 'RULE_BEFORE' },
    after: 'delivered',
  },
  {
    flow: tcp('a2', '10.1.4.2'),
    ...{ verdict: 'refused', reason: 'RULE_REJECT', blame: 'rule INPUT 1', suggests: 'RULE_BEFORE' },
    after: 'delivered',
  },
  {
    flow: ping('a2', '10.1.5.2'),
    ...{ verdict: 'dropped', reason: 'POLICY_DROP', blame: 'chain filter INPUT', suggests: 'POLICY_CHANGE' },
    after: 'delivered',
  },
  {
    flow: ping('a2', '10.1.6.2'),
    ...{ verdict: 'dropped', reason: 'RP_FILTER', blame: 'link eth0', suggests: 'RP_FILTER_LOOSE' },
    after: 'delivered',
  },
  {
    flow: ping('a3', '10.1.11.2'),
    ...{ verdict: 'dropped', reason: 'MARTIAN', blame: 'link eth0', suggests: 'OTHER_ADDRESS' },
    byHand: ['ip -n a11 address del 10.1.3.2/32 dev lo'],
    after: 'delivered',
  },
  {
    flow: { ...ping('a2', '10.1.11.2'), bytes: 1400 },
    ...{ verdict: 'refused', reason: 'MTU', blame: 'link h11', suggests: 'SMALLER_PACKETS' },
    // The sender was told of the smaller size, and remembers.
    also: ['ip -n a2 route flush cache'],
    after: 'delivered',
  },
  {
    flow: ping('f1', '10.2.2.2'),
    ...{ verdict: 'dropped', reason: 'FORWARDING_OFF', blame: 'sysctl', suggests: 'FORWARDING_ON' },
    after: 'delivered',
  },
  {
    flow: ping('d1', '10.3.1.2'),
    ...{ verdict: 'refused', reason: 'LINK_DOWN', blame: 'link eth0', suggests: 'LINK_UP' },
    after: 'delivered',
  },
  {
    flow: ping('c1', '10.3.2.2'),
    ...{ verdict: 'dropped', reason: 'NO_CARRIER', blame: 'link eth0', suggests: 'PEER_UP' },
    after: 'delivered',
  },
  {
    flow: ping('t0', '198.51.100.1'),
    ...{ verdict: 'refused', reason: 'TTL', blame: 'route default', suggests: 'LOOP_BREAK' },
  },
  {
    flow: ping('w1', '10.3.4.2'),
    ...{ verdict: 'dropped', reason: 'WRONG_MAC', blame: 'neigh', suggests: 'NEIGHBOUR_DELETE' },
    after: 'delivered',
  },
  {
    flow: ping('m1', '10.9.0.12'),
    ...{ verdict: 'dropped', reason: 'PORT_NOT_FORWARDING', blame: 'link p-m2', suggests: 'PORT_FORWARDING' },
    byHand: ['bridge link set dev p-m2 state 3'],
    after: 'delivered',
  },
  {
    flow: ping('m3', '10.9.0.14'),
    ...{ verdict: 'dropped', reason: 'ISOLATED_BRIDGE_PORT', blame: 'link p-m4', suggests: 'ISOLATION_OFF' },
    byHand: ['bridge link set dev p-m4 isolated off'],
    after: 'delivered',
  },
  {
    flow: ping('m1', '10.9.0.99'),
    ...{ verdict: 'dropped', reason: 'NO_SUCH_ADDRESS', blame: 'link eth0', suggests: 'ADDRESS_CHECK' },
    byHand: ['ip -n m5 address add 10.9.0.99/24 dev eth0'],
    after: 'delivered',
  },
  {
    flow: tcp('m1', '10.9.0.1', 8081),
    ...{ verdict: 'dropped', reason: 'WRONG_SOURCE', suggests: 'MASQUERADE_TOO' },
    byHand: ['iptables -t nat -A POSTROUTING -s 10.9.0.0/24 -d 10.9.0.15 -j MASQUERADE'],
    after: 'delivered',
  },
  {
    flow: tcp('x1', '10.10.0.1', 8082),
    ...{ verdict: 'dropped', reason: 'HAIRPIN_OFF', blame: 'link p-x1', suggests: 'HAIRPIN_ON' },
    byHand: ['bridge link set dev p-x1 hairpin on'],
    after: 'delivered',
  },
  {
    flow: tcp('a2', '10.1.2.1', 7001),
    ...{ verdict: 'refused', reason: 'NOT_LISTENING', suggests: 'LISTEN' },
  },
]
