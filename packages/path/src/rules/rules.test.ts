import { recordsOf } from '@hopscope/model'
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
    ['-A PREROUTING -j CT --notrack', ['notrack']],
    ['-A F -j TPROXY --on-port 1', ['unknown']],
    ['-A F -m geoip --src-cc DE -j DROP', ['maybe', 'drop']],
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
    ['dnat to tcp dport map { 80 : 10.0.0.2, 81 : 10.0.0.3 }', ['map']],
    ['dnat ip to 10.0.0.2:80', ['dnat']],
    ['meta mark set 0x00000001 accept', ['mark', 'accept']],
    ['meta mark & 0x000000ff == 0x00000001 jump extra', ['match', 'jump']],
    ['ip saddr @banned drop', ['maybe', 'drop']],
    ['limit rate over 10/second burst 5 packets drop', ['maybe', 'drop']],
    ['icmp type echo-request reject with icmp type admin-prohibited', ['match', 'match', 'reject']],
    ['oifname != "docker0" masquerade', ['match', 'masquerade']],
    ['log prefix "a" level warn drop comment "x"', ['nothing', 'drop']],
    ['fib daddr type local redirect to :8080', ['match', 'redirect']],
    ['xt match "foo" drop', ['unknown']],
    ['', ['unknown']],
  ])('%s', (text, kinds) => {
    expect(parseNftRule(text).map(({ kind }) => kind)).toEqual(kinds)
  })
})
