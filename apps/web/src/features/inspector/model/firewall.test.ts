import type { FwChain, FwRule } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { matchText } from './firewall.ts'
import type { ChainListing } from './page.ts'
import { searchChains } from './search.ts'

const key = { netns: 'ns:1', engine: 'nft' as const, family: 'ip', table: 'filter', chain: 'FORWARD' }
const rule = (text: string, target?: string): FwRule => ({
  id: text,
  ...key,
  handle: 1,
  position: 1,
  text,
  ...(target !== undefined && { target }),
})

describe('matchText', () => {
  it.each([
    ['-A FORWARD -i docker0 ! -o docker0 -j ACCEPT', 'ACCEPT', '-i docker0 ! -o docker0'],
    ['-A FORWARD -j DOCKER-USER', 'DOCKER-USER', ''],
    ['-A FORWARD -m comment --comment "not -j DROP" -p tcp -j DROP', 'DROP', '-p tcp'],
    [
      '-A FORWARD -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2:80',
      'DNAT',
      '-p tcp --dport 80 --to-destination 10.0.0.2:80',
    ],
    ['-A FORWARD -p tcp -m comment --comment word', undefined, '-p tcp'],
    ['-A FORWARD -s 10.0.0.0/8 -g OTHER', 'OTHER', '-s 10.0.0.0/8'],
    ['iifname "eth0" tcp dport 22 accept comment "ssh"', 'accept', 'iifname "eth0" tcp dport 22 accept'],
  ])('%s', (text, target, expected) => {
    expect(matchText(rule(text, target))).toBe(expected)
  })
})

describe('searchChains', () => {
  const chain: FwChain = { id: 'c', ...key, hook: 'forward' }
  const to = { hostId: 'h', kind: 'fwRule' as const, id: 'r' }
  const line = (position: number, text: string, target: string, comment?: string) => ({
    id: `${position}`,
    to,
    position,
    target,
    effect: 'other' as const,
    text,
    ...(comment !== undefined && { comment }),
  })
  const listing: ChainListing = {
    chain,
    to,
    rules: [line(1, '-i docker0', 'ACCEPT'), line(2, '-d 10.0.0.2/32 -p tcp --dport 80', 'DROP', 'the office')],
  }
  const found = (text: string) => searchChains([listing], text).flatMap((c) => c.rules.map((r) => r.position))

  it('finds by match, target, comment and chain, all words at once', () => {
    expect(found('docker0')).toEqual([1])
    expect(found('drop 10.0.0.2')).toEqual([2])
    expect(found('OFFICE')).toEqual([2])
    expect(found('forward')).toEqual([1, 2])
    expect(found('docker0 drop')).toEqual([])
    expect(found('  ')).toEqual([1, 2])
  })
})
