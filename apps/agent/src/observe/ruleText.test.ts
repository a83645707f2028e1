import { describe, expect, it } from 'vitest'
import { chainKey, iptablesWords, nftRuleKey, nftWords, parseIptablesSave, parseNftListing } from './ruleText.ts'

describe('words of a rule', () => {
  it('finds target and comment of an iptables rule', () => {
    const text =
      '-A DOCKER ! -i docker0 -p tcp -m comment --comment "web -j \\"x\\"" -j DNAT --to-destination 172.17.0.2:80'
    expect(iptablesWords(text)).toEqual({ target: 'DNAT', comment: 'web -j "x"' })
    expect(iptablesWords('-A FORWARD -m comment --comment plain -g OTHER')).toEqual({
      target: 'OTHER',
      comment: 'plain',
    })
    expect(iptablesWords('-A INPUT -p tcp')).toEqual({})
  })

  it('finds verdict and comment of an nftables rule', () => {
    expect(nftWords('ip saddr 10.0.0.0/8 counter accept comment "drop nothing"')).toEqual({
      target: 'accept',
      comment: 'drop nothing',
    })
    expect(nftWords('iifname "drop" jump web')).toEqual({ target: 'web' })
    expect(nftWords('tcp dport 80 dnat to 10.0.0.2:80')).toEqual({ target: 'dnat' })
    expect(nftWords('meta mark set 0x1')).toEqual({})
  })
})

describe('parseIptablesSave', () => {
  it('keeps chains without rules, policies, and the order of rules', () => {
    const saved = parseIptablesSave(
      '# Generated\n*nat\n:PREROUTING ACCEPT [1:60]\n:DOCKER - [0:0]\n-A PREROUTING -j DOCKER\n-A PREROUTING -j LOG\nCOMMIT\n*filter\n:PREROUTING DROP [0:0]\nCOMMIT\n',
    )
    expect(saved.chains.get(chainKey('nat', 'PREROUTING'))).toEqual(['-A PREROUTING -j DOCKER', '-A PREROUTING -j LOG'])
    expect(saved.chains.get(chainKey('nat', 'DOCKER'))).toEqual([])
    expect(saved.policies.get(chainKey('filter', 'PREROUTING'))).toBe('DROP')
    expect(saved.policies.get(chainKey('nat', 'DOCKER'))).toBe('-')
  })
})

describe('parseNftListing', () => {
  const listing = `table inet t { # handle 3
\tset s { # handle 9
\t\ttype ipv4_addr
\t\telements = { 10.0.0.1,
\t\t\t     10.0.0.2 }
\t}

\tchain c { # handle 1
\t\ttype filter hook input priority filter; policy accept;
\t\tct state { established, related } accept # handle 4
\t\ttcp dport { 1, 2,
\t\t\t    3 } drop # handle 5
\t}

\tchain d { # handle 2
\t\tiifname "x" counter return comment "# handle 7" # handle 6
\t}
}
`
  it('finds each rule by its handle, also one that takes several lines', () => {
    const rules = parseNftListing(listing)
    const at = (chain: string, handle: number) => rules.get(nftRuleKey({ family: 'inet', table: 't', chain, handle }))
    expect(at('c', 4)).toBe('ct state { established, related } accept')
    expect(at('c', 5)).toBe('tcp dport { 1, 2, 3 } drop')
    expect(at('d', 6)).toBe('iifname "x" counter return comment "# handle 7"')
    expect(rules.size).toBe(3)
  })
})
