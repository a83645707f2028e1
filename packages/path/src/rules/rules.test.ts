import { type FwSet, recordsOf } from '@hopscope/model'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { parseIptablesRule } from './iptables.ts'
import { parseNftRule } from './nft/nft.ts'

describe('rules of iptables', () => {
  it.each([
    [
      '-A DOCKER ! -i br0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80',
      ['match', 'match', 'match', 'dnat'],
    ],
    ['-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment "a b" -j ACCEPT', ['match', 'accept']],
    [
      '-A F -p tcp -m multiport --dports 80,443,8000:8010 -j REJECT --reject-with tcp-reset',
      ['match', 'match', 'reject'],
    ],
    ['-A F -m physdev --physdev-in veth+ --physdev-is-bridged -g X', ['match', 'match', 'goto']],
    ['-A F -j MARK --set-xmark 0x1/0xff', ['mark']],
    ['-A F -m mark ! --mark 0x1/0x1 -j LOG --log-prefix "x y"', ['match', 'nothing']],
    ['-A F -m limit --limit 5/min -j ACCEPT', ['maybe', 'accept']],
    ['-A F -m set --match-set docker-ext dst -j DROP', ['maybe', 'drop']],
    ['-A F -m owner --uid-owner 0 -j RETURN', ['match', 'return']],
    ['-A F -m rt --rt-type 0 -j DROP', ['match', 'maybe', 'drop']],
    ['-A P -m rpfilter --validmark --invert -j DROP', ['match', 'drop']],
    ['-A P -m rpfilter --loose -j ACCEPT', ['maybe', 'accept']],
    ['-A DOCKER -p tcp --dport 80 -j DNAT --to-destination [fd00::2]:80', ['match', 'match', 'dnat']],
    ['-A PREROUTING -j CT --notrack', ['notrack']],
    [
      '-A I -s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT',
      ['match', 'match', 'match', 'match', 'accept'],
    ],
    ['-A F -j REJECT --reject-with icmp6-adm-prohibited', ['reject']],
    ['-A P -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xf', ['restoreMark']],
    ['-A F -j TPROXY --on-port 1', ['unknown']],
    ['-A F -p tcp -m recent --set --name A --mask 255.255.255.255 --rsource', ['match']],
    ['-A F -m recent --update --seconds 30 --hitcount 6 --name A --rsource -j DROP', ['maybe', 'drop']],
    ['-A P -j MASQUERADE --random-fully', ['masquerade']],
    ['-A F -m geoip --src-cc DE -j DROP', ['maybe', 'drop']],
    ['-A F -m conntrack --ctstate INVALID -m nfacct --nfacct-name dropped -j DROP', ['match', 'drop']],
    ['-A F -m statistic --mode random --probability 0.50000000000 -j X', ['maybe', 'jump']],
  ])('%s', (text, kinds) => {
    expect(parseIptablesRule(text).map(({ kind }) => kind)).toEqual(kinds)
  })

  it('knows every rule of a recorded host', () => {
    const strange = recordsOf(recordedHost(46), 'fwRule').filter(({ text }) =>
      parseIptablesRule(text).some(({ kind }) => kind === 'unknown' || kind === 'maybe'),
    )
    expect(strange).toEqual([])
  })
})

describe('rules of nft', () => {
  it.each([
    [
      'iifname "eth0" tcp dport { 80, 443 } counter packets 0 bytes 0 accept',
      ['match', 'match', 'match', 'nothing', 'accept'],
    ],
    ['ct state established,related accept', ['match', 'accept']],
    ['ct state vmap { established : accept, related : accept, invalid : drop }', ['map']],
    ['ip saddr . tcp dport { 10.0.0.1 . 80, 10.0.0.2 . 443 } drop', ['match', 'match', 'drop']],
    ['dnat to tcp dport map { 80 : 10.0.0.2, 81 : 10.0.0.3 }', ['match', 'map']],
    ['dnat ip to 10.0.0.2:80', ['match', 'dnat']],
    ['meta mark set 0x00000001 accept', ['mark', 'accept']],
    ['meta mark & 0x000000ff == 0x00000001 jump extra', ['match', 'jump']],
    ['ip saddr @banned drop', ['maybe', 'drop']],
    ['limit rate over 10/second burst 5 packets drop', ['maybe', 'drop']],
    ['icmp type echo-request reject with icmp type admin-prohibited', ['match', 'match', 'match', 'reject']],
    ['oifname != "docker0" masquerade', ['match', 'masquerade']],
    ['log prefix "a" level warn drop comment "x"', ['nothing', 'drop']],
    ['fib daddr type local redirect to :8080', ['match', 'redirect']],
    ['meta nfproto ipv6 fib saddr . mark . iif oif missing drop', ['match', 'match', 'drop']],
    ['fib saddr . iif oif exists accept', ['match', 'accept']],
    ['fib saddr . iif oif missing drop', ['match', 'drop']],
    ['fib saddr oif eth0 accept', ['unknown']],
    ['ip saddr { 10.0.0.1, * } drop', ['match', 'drop']],
    ['ip saddr != { 10.0.0.1, * } drop', ['maybe', 'drop']],
    ['iifname vmap { "eth0" : drop, * : continue }', ['map']],
    ['meta mark set ip saddr . tcp dport map { 10.0.0.1 . 80 : 0x1 } accept', ['match', 'map', 'accept']],
    ['ct mark set meta mark & 0x000000ff | 0x00000100', ['saveMark', 'ctMark']],
    ['meta mark set ct mark map { 0x00000001 : 0x00000002 }', ['map']],
    ['meta mark set ct mark', ['match', 'restoreMark']],
    ['meta mark set jhash ip saddr mod 2', ['unknown']],
    ['dnat to ip saddr map { 10.0.0.1 : 10.0.0.2 }:80', ['map']],
    ['dnat ip prefix to ip daddr map { 10.0.0.0/24 : 10.1.0.0/24 }', ['match', 'map']],
    ['tcp flags != syn / fin,syn drop', ['match', 'match', 'drop']],
    ['tcp dport >= 1024 ip ttl < 5 meta mark 0x1-0x5 drop', ['match', 'match', 'match', 'match', 'match', 'drop']],
    ['ip6 saddr { fe80::/10, ::1 } ip6 hoplimit > 1 drop', ['match', 'match', 'match', 'match', 'drop']],
    ['ip6 saddr @banned6 drop', ['match', 'maybe', 'drop']],
    ['icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept', ['match', 'match', 'accept']],
    ['reject with icmpv6 addr-unreachable', ['match', 'reject']],
    ['reject with tcp reset', ['match', 'reject']],
    ['dnat ip6 to fd00::2', ['match', 'dnat']],
    ['tcp dport 80 dnat ip6 to [fd00::2]:8080', ['match', 'match', 'match', 'dnat']],
    ['tcp option maxseg size set rt mtu', ['match', 'nothing']],
    ['tcp option sack exists accept', ['match', 'unknown']],
    ['numgen random mod 2 vmap { 0 : goto a, 1 : goto b }', ['map']],
    ['numgen random mod 2 offset 5 vmap { 5 : goto a, 6 : goto b }', ['unknown']],
    ['xt match "foo" drop', ['unknown']],
    ['', ['unknown']],
  ])('%s', (text, kinds) => {
    expect(parseNftRule(text).map(({ kind }) => kind)).toEqual(kinds)
  })
})

describe('named sets of nft', () => {
  const set = (type: string, ...all: string[]): FwSet => ({
    kind: type.includes(' : ') ? 'map' : 'set',
    type,
    flags: [],
    elements: { kind: 'all', all },
  })
  const sets: Record<string, FwSet> = {
    hosts: set('ipv4_addr', '10.0.0.1', '10.1.0.0/16 comment "b, c }"'),
    none: set('ipv4_addr'),
    pairs: set('ipv4_addr . inet_service', '10.0.0.1 . 80-90 counter'),
    strange: set('ipv4_addr', '10.0.0.1', '*'),
    odd: set('ipv4_addr', '10.0.0.1', 'somewhere'),
    marks: set('ipv4_addr : mark', '* : 0x2', '10.0.0.1 counter : 0x1'),
    near: set(
      'ipv4_addr . inet_service : ipv4_addr . inet_service',
      '* : 10.0.0.4 . 81',
      '10.0.0.1 . 80 : 10.0.0.2 . 8080',
    ),
    only: set('ipv4_addr : ipv4_addr', '10.0.0.1 : 10.0.0.9'),
    nets: set('ipv4_addr : interval ipv4_addr', '10.0.0.1 : 10.1.0.0/30'),
    status: set('ct_status', 'dnat'),
    leads: set('ifname : verdict', 'br1 counter : jump x', 'eth0 : drop'),
    to: set('inet_service : ipv4_addr . inet_service', '80 : 10.0.0.2 . 8080', '81 comment "q" : 10.0.0.3 . 8081'),
    seen: { ...set('ipv4_addr'), flags: ['dynamic', 'timeout'], elements: { kind: 'changing' } },
    added: { ...set('ipv4_addr'), elements: { kind: 'changing' } },
    many: { ...set('ipv4_addr'), elements: { kind: 'tooMany', count: 100_000 } },
    turning: { ...set('ifname : verdict'), flags: ['timeout'], elements: { kind: 'changing' } },
  }

  it.each([
    ['ip saddr @hosts drop', 'ip saddr { 10.0.0.1, 10.1.0.0/16 } drop'],
    ['ip saddr != @hosts drop', 'ip saddr != { 10.0.0.1, 10.1.0.0/16 } drop'],
    ['ip saddr . tcp dport @pairs accept', 'ip saddr . tcp dport { 10.0.0.1 . 80-90 } accept'],
    ['iifname vmap @leads', 'iifname vmap { "br1" : jump x, "eth0" : drop }'],
    ['dnat ip to tcp dport map @to', 'dnat ip to tcp dport map { 80 : 10.0.0.2 . 8080, 81 : 10.0.0.3 . 8081 }'],
    ['ip daddr @none drop', 'ip daddr { } drop'],
    ['ip saddr @strange drop', 'ip saddr { 10.0.0.1, * } drop'],
    ['meta mark set ip saddr map @marks accept', 'meta mark set ip saddr map { 10.0.0.1 : 0x1, * : 0x2 } accept'],
    [
      'dnat ip addr . port to ip daddr . tcp dport map @near',
      'dnat ip to ip daddr . tcp dport map { 10.0.0.1 . 80 : 10.0.0.2 . 8080, * : 10.0.0.4 . 81 }',
    ],
    ['dnat to ip saddr map @only:80', 'dnat to ip saddr map { 10.0.0.1 : 10.0.0.9 }:80'],
    ['dnat ip interval to ip daddr map @nets', 'dnat ip to ip daddr map { 10.0.0.1 : 10.1.0.0-10.1.0.3 }'],
  ])('%s is read as %s', (named, anonymous) => {
    const plain = (text: string) => parseNftRule(text, sets).map((one) => ({ ...one, text: '' }))
    expect(plain(named)).toEqual(plain(anonymous))
    expect(plain(named).some(({ kind }) => kind === 'unknown' || kind === 'maybe')).toBe(false)
  })

  it.each([
    ['ip saddr @seen drop', 'maybe', 'src @seen (flags dynamic,timeout)'],
    ['ip saddr @added drop', 'maybe', 'src @added (add, update, delete)'],
    ['ip saddr @many drop', 'maybe', 'src @many (elements: 100000)'],
    ['ip saddr @nobody drop', 'maybe', 'src @nobody'],
    ['ip saddr @toString drop', 'maybe', 'src @toString'],
    ['ip saddr != @strange drop', 'maybe', 'ip saddr != @strange'],
    ['ip saddr @odd drop', 'maybe', 'src @odd'],
    ['ct status @status drop', 'maybe', 'ctStatus @status'],
    ['iifname vmap @turning', 'unknown', 'iif vmap @turning (flags timeout)'],
    ['dnat to ip saddr map @many', 'unknown', 'src map @many (elements: 100000)'],
  ])('%s: nobody knows', (text, kind, what) => {
    expect(parseNftRule(text, sets)[0]).toEqual({ kind, what })
  })
})
