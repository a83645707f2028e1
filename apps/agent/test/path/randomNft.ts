import type { Dice } from './dice.ts'

/** What is asked of nft, a command each; the table comes first. */
type Asked = readonly (readonly string[])[]
/** What stands in a table before its base chain, the rule in that, and an element that is added afterwards. */
type Named = { sets: string; rule: string; element?: string; policy?: 'accept' }

/** A native table of nftables with a base chain of its own: one rule with sets, maps and marks; undefined where nft would not have it. */
export function randomFilter(random: Dice, serial: number): Asked | undefined {
  const hook = random.pick(['input', 'forward', 'forward', 'output', 'prerouting', 'postrouting'])
  const picked: Named = random.chance(0.5) ? random.pick(NAMED) : { sets: '', rule: random.pick(PLAIN) }
  const { sets, rule, element, policy = random.chance(0.12) ? 'drop' : 'accept' } = picked
  const priority = random.pick([-250, -150, -10, 0, 10])
  const family = /ip6|icmpv6|icmpx/.test(rule) ? 'inet' : random.pick(['ip', 'inet'])
  const illegal = /reject/.test(rule) && !['input', 'forward', 'output'].includes(hook)
  if (illegal) return undefined
  const chain = `chain c { type filter hook ${hook} priority ${priority}; policy ${policy}; ${rule}; }`
  const flags = random.chance(0.05) ? 'flags dormant; ' : ''
  const table = `table ${family} t${serial} { ${flags}${sets}\n${chain}\n}`
  return [[table], ...(element === undefined ? [] : [['add', 'element', family, `t${serial}`, 'late', element]])]
}

/** A native table that translates by a map to one of some addresses. */
export function randomTranslation(random: Dice, serial: number, addresses: readonly string[]): Asked {
  const [to, other] = [random.pick(addresses), random.pick(addresses)]
  const destination = { hook: 'prerouting', type: 'ipv4_addr . inet_service : ipv4_addr . inet_service' }
  const { hook, type, element, rule } = random.pick([
    { ...destination, element: `${other} . 7001 : ${to} . 7000`, rule: 'dnat ip to ip daddr . tcp dport map @to' },
    {
      ...destination,
      element: `${other} . 7001 : ${to} . 7000, * : ${other} . 7000`,
      rule: `ip daddr ${random.pick(addresses)} dnat ip to ip daddr . udp dport map @to`,
    },
    {
      hook: random.pick(['prerouting', 'output']),
      type: 'ipv4_addr : ipv4_addr',
      element: `10.1.0.11 : ${to}, * : ${other}`,
      rule: `udp dport 7001 ${random.pick(['dnat ip to ip saddr map @to', `dnat to ip saddr map { 10.1.0.11 : ${to}, * : ${other} }:7000`])}`,
    },
    {
      hook: 'prerouting',
      type: 'ipv4_addr : interval ipv4_addr; flags interval',
      element: '10.2.0.0/24 : 10.1.0.0/24',
      rule: 'dnat ip prefix to ip daddr map @to',
    },
    {
      hook: 'postrouting',
      type: 'ipv4_addr : interval ipv4_addr; flags interval',
      element: '10.1.0.0/24 : 10.9.0.0/24, * : 192.168.66.11/32',
      rule: `ip daddr ${to} snat ip ${random.pick(['prefix ', ''])}to ip saddr map @to`,
    },
    {
      hook: 'prerouting',
      type: 'inet_service : ipv4_addr . inet_service',
      element: `7001 : ${to} . 7000`,
      rule: 'dnat ip to tcp dport map @to',
    },
    { hook: 'output', type: 'inet_service : ipv4_addr', element: `7001 : ${to}`, rule: 'dnat ip to udp dport map @to' },
    {
      hook: 'prerouting',
      type: 'ipv4_addr : ipv4_addr',
      element: `${other} : ${to}`,
      rule: 'dnat ip to ip daddr map @to',
    },
    {
      hook: 'postrouting',
      type: 'ipv4_addr : ipv4_addr',
      element: `10.9.0.2 : ${random.pick(['192.168.66.11', '10.1.0.1'])}`,
      rule: 'snat ip to ip saddr map @to',
    },
  ])
  const priority = hook === 'postrouting' ? 90 : -90
  const chain = `chain c { type nat hook ${hook} priority ${priority}; ${rule}; }`
  return [[`table ip t${serial} { map to { type ${type}; elements = { ${element} }; }\n${chain}\n}`]]
}

const PLAIN = [
  'ip saddr { 10.1.0.11, 10.2.0.0/24 } drop',
  'ip daddr != 10.1.0.0/24 tcp dport { 7000, 7005-7010 } reject with tcp reset',
  'ct state vmap { established : accept, related : accept, invalid : drop }',
  'meta l4proto vmap { icmp : accept, udp : drop }',
  'ip saddr . tcp dport { 10.1.0.11 . 7000, 10.2.0.11 . 7000 } drop',
  'icmp type echo-request counter drop',
  'meta mark set 0x2',
  'iifname "br*" udp dport 7000 accept',
  'ct state established,related accept',
  'oifname { "br1", "eth0" } ip protocol tcp counter accept',
  'th dport 7001 reject',
  'fib daddr type local counter',
  'tcp flags syn / syn,ack drop',
  'icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept; ip6 saddr { fe80::/10, ::1 } drop; ip protocol udp drop',
  'ip6 daddr ::/96 reject with icmpv6 addr-unreachable; reject with tcp reset',
  'ip6 hoplimit < 5 drop; ip6 nexthdr udp drop; meta nfproto ipv6 drop; udp dport 7001 reject with icmpx admin-prohibited',
  'tcp flags != syn / syn,rst counter accept; tcp dport >= 7001 drop',
  'ip saddr { 10.1.0.11, * } ip ttl < 64 drop',
  'ip daddr vmap { 10.1.0.12 : drop, * : continue }; udp dport 7001 drop',
  'meta mark set ip saddr map { 10.1.0.11 : 0x1, 10.2.0.11 : 0x2, * : 0x3 } tcp dport 7001 accept; meta mark 0x2-0x3 udp dport 7000 drop',
  'meta mark set ip saddr map { 10.1.0.11 : 0x1, 10.9.0.2 : 0x2 } accept; meta mark != 0 drop',
  'meta mark set meta mark | 0x4; meta mark & 0x6 == 0x4 icmp type echo-reply drop',
  'meta mark set meta mark & 0xfffffffe ^ 0x2; meta mark 0x2 tcp sport 7000 drop',
  'ct mark set ip daddr map { 10.1.0.12 : 0x1, * : 0x2 }; ct mark 0x1 udp dport 7000 drop',
  'ct mark set ct mark | 0x1; meta mark set ct mark & 0x1',
  'ct state new ct mark set meta mark | 0x10; meta mark set ct mark & 0x13 | 0x20; ct mark 0x11-0x1f tcp dport 7000 drop',
]

const set = (name: string, type: string, elements: string): string =>
  `set ${name} { type ${type}; elements = { ${elements} }; }`
const intervals = (name: string, type: string, elements: string): string =>
  `set ${name} { type ${type}; flags interval; elements = { ${elements} }; }`

const NAMED: readonly Named[] = [
  { sets: intervals('blocked', 'ipv4_addr', '10.1.0.11, 10.2.0.0/24 comment "b, c"'), rule: 'ip saddr @blocked drop' },
  { sets: intervals('near', 'ipv4_addr', '10.1.0.0/24, 10.9.0.1-10.9.0.2'), rule: 'ip daddr != @near counter drop' },
  { sets: set('ports', 'inet_service', '80, 7001'), rule: 'tcp dport @ports reject with tcp reset' },
  { sets: intervals('ports', 'inet_service', '7000-7001'), rule: 'udp dport @ports counter accept' },
  {
    sets: set('pairs', 'ipv4_addr . inet_service', '10.1.0.11 . 7000, 10.2.0.11 . 7000'),
    rule: 'ip daddr . tcp dport @pairs drop',
  },
  {
    sets: intervals('pairs', 'ipv4_addr . inet_service', '10.1.0.0/24 . 7000-7001'),
    rule: 'ip saddr . udp dport @pairs drop',
  },
  { sets: set('open', 'ipv4_addr', '10.1.0.11, *'), rule: 'ip saddr @open tcp dport 7000 accept' },
  { sets: set('all', 'inet_service', '80, *'), rule: 'udp dport @all drop' },
  // Whether it holds depends on the kernel; the policy says the same.
  { sets: set('open', 'ipv4_addr', '10.1.0.11, *'), rule: 'ip saddr != @open accept', policy: 'accept' },
  {
    sets: set('pairs', 'ipv4_addr . inet_service', '10.1.0.11 . 7000, *'),
    rule: 'ip daddr . tcp dport @pairs counter accept; ip protocol tcp drop',
  },
  {
    sets: 'map marks { type ipv4_addr : mark; elements = { 10.1.0.11 : 0x1, * : 0x2 }; }',
    rule: 'meta mark set ip saddr map @marks counter; meta mark 0x2 icmp type echo-request drop',
  },
  {
    sets: 'map marks { type ipv4_addr . inet_service : mark; flags interval; elements = { 10.2.0.0/24 . 7000 : 0x1, 10.1.0.0/24 . 7000-7001 : 0x2 }; }',
    rule: 'meta mark set ip daddr . udp dport map @marks; meta mark 0x1 drop',
  },
  {
    sets: 'map marks { type mark : mark; elements = { 0x0 : 0x1, 0x1 : 0x3 }; }',
    rule: 'meta mark set meta mark map @marks; meta mark set ct mark map @marks accept',
  },
  {
    sets: 'map ways { type ifname : verdict; elements = { "br1" : jump x, * : goto y }; }\nchain x { ip protocol udp drop; }\nchain y { tcp dport 7001 reject; }',
    rule: 'iifname vmap @ways',
  },
  {
    sets: 'map ways { type ipv4_addr . inet_service : verdict; elements = { 10.1.0.11 . 7000 : accept, * : drop }; }',
    rule: 'ip daddr . tcp dport vmap @ways',
  },
  { sets: set('links', 'ifname', '"br2", "ens33", "eth0"'), rule: 'oifname @links icmp type echo-reply drop' },
  { sets: set('marks', 'mark', '0x1, 0x2'), rule: 'meta mark @marks drop' },
  { sets: set('states', 'ct_state', 'established, related'), rule: 'ct state @states accept' },
  { sets: 'set late { type ipv4_addr; }', rule: 'ip saddr @late drop', element: '{ 10.1.0.12, 10.2.0.11 }' },
  // Whether it holds nobody knows; the policy says the same.
  {
    sets: 'set passing { type ipv4_addr; flags timeout; elements = { 10.1.0.11 timeout 1h }; }',
    rule: 'ip saddr @passing accept',
    policy: 'accept',
  },
  {
    sets: 'map ways { type ifname : verdict; elements = { "br1" : jump x, "eth0" : accept }; }\nchain x { ip protocol udp drop; }',
    rule: 'iifname vmap @ways',
  },
  {
    sets: 'map ways { type ipv4_addr : verdict; flags interval; elements = { 10.1.0.0/24 : accept, 10.2.0.12 : drop }; }',
    rule: 'ip daddr vmap @ways',
  },
]
