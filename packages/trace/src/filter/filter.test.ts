import { describe, expect, it } from 'vitest'
import { sayFilterFault, TRACE_WORDS } from '../words/words.ts'
import { type Alternative, alternativesOf, MOST_ALTERNATIVES, type Test } from './filter.ts'
import { FILTER_ERRORS, type FilterErrorCode, parseFilter } from './parse.ts'

const names = new Map([
  ['web', ['172.17.0.2']],
  ['both', ['172.17.0.9', 'fd00::9']],
])

const sayTest = (test: Test): string => {
  switch (test.kind) {
    case 'family':
      return test.family
    case 'protocol':
      return `p${test.protocol}`
    case 'address':
      return `${test.side} ${test.address}/${test.prefixLength}`
    case 'port':
      return `${test.side} ${test.from}-${test.to}`
    case 'icmpType':
      return `type ${test.type}`
  }
}
const sayAlternative = (one: Alternative) =>
  one
    .map(({ test, not }) => `${not ? '!' : ''}${sayTest(test)}`)
    .sort()
    .join(', ')

function read(text: string): string[] | undefined {
  const parsed = parseFilter(text, names)
  if (!parsed.ok) throw new Error(`${parsed.error.code} at ${parsed.error.column}`)
  return alternativesOf(parsed.filter)?.map(sayAlternative).sort()
}

describe('filters', () => {
  it.each<[string, string[]]>([
    ['', ['']],
    ['any', ['']],
    ['icmp and host 172.17.0.3', ['dst 172.17.0.3/32, p1', 'p1, src 172.17.0.3/32']],
    ['icmp host 172.17.0.3', ['dst 172.17.0.3/32, p1', 'p1, src 172.17.0.3/32']],
    ['tcp dst port 80', ['dst 80-80, p6']],
    ['src net 10.0.0.0/8', ['src 10.0.0.0/8']],
    ['port 53', ['dst 53-53, p17', 'dst 53-53, p6', 'p17, src 53-53', 'p6, src 53-53']],
    ['udp portrange 100-200', ['dst 100-200, p17', 'p17, src 100-200']],
    ['icmp type echo-request', ['p1, type 8']],
    ['web', ['dst 172.17.0.2/32', 'src 172.17.0.2/32']],
    ['dst both', ['dst 172.17.0.9/32', 'dst fd00::9/128']],
    ['src web and (tcp or udp)', ['p17, src 172.17.0.2/32', 'p6, src 172.17.0.2/32']],
    ['tcp dst port 80 or udp dst port 53', ['dst 53-53, p17', 'dst 80-80, p6']],
    ['not tcp', ['!p6']],
    ['not dst port 22', ['!dst 22-22, p17', '!dst 22-22, p6', '!p17, !p6']],
    ['tcp and not dst port 22', ['!dst 22-22, p6']],
    ['! host web', ['!dst 172.17.0.2/32, !src 172.17.0.2/32']],
    ['tcp and udp', []],
    ['ip6 and icmp', []],
    ['not (tcp or udp)', ['!p17, !p6']],
    ['proto 132', ['p132']],
    ['tcp && dst 2001:DB8::1', ['dst 2001:db8::1/128, p6']],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  it.each<[string, FilterErrorCode, number, string[]]>([
    ['icpm and host web', 'UNKNOWN_WORD', 1, ['icmp']],
    ['tcp prot 80', 'UNKNOWN_WORD', 5, ['proto', 'port']],
    ['host wbe', 'UNKNOWN_NAME', 6, ['web']],
    ['host 10.0.0.300', 'NOT_AN_ADDRESS', 6, []],
    ['net 10.0.0.0/33', 'NOT_A_NETWORK', 5, []],
    ['port http', 'NOT_A_PORT', 6, []],
    ['port 70000', 'NOT_A_PORT', 6, []],
    ['portrange 9-3', 'NOT_A_PORT', 11, []],
    ['icmp type echo', 'NOT_A_TYPE', 11, []],
    ['proto tpc', 'NOT_A_PROTOCOL', 7, ['tcp']],
    ['tcp and', 'TEST_MISSING', 8, []],
    ['and tcp', 'TEST_MISSING', 1, []],
    ['host', 'VALUE_MISSING', 5, []],
    ['(tcp or udp', 'NOT_CLOSED', 1, []],
    ['tcp)', 'NOT_OPENED', 4, []],
    ['tcp or udp and port 80', 'MIXED', 12, []],
    ['constructor', 'UNKNOWN_WORD', 1, []],
  ])('%s: %s', (text, code, column, near) => {
    const parsed = parseFilter(text, names)
    expect(parsed.ok ? parsed : { code: parsed.error.code, column: parsed.error.column }).toEqual({ code, column })
    if (!parsed.ok && near.length > 0) expect(parsed.error.near).toEqual(expect.arrayContaining(near))
  })

  it('refuses what would be too many rules', () => {
    const ports = Array.from({ length: MOST_ALTERNATIVES }, (_, i) => `port ${i + 1}`).join(' or ')
    expect(read(ports)).toBeUndefined()
    expect(read(`tcp and (${Array.from({ length: 30 }, (_, i) => `port ${i + 1}`).join(' or ')})`)).toHaveLength(60)
  })
})

describe('what is wrong with a filter', () => {
  it.each(['en', 'zh-CN'] as const)('is said in %s, with column, word and what may have been meant', (language) => {
    for (const code of FILTER_ERRORS) {
      const text = sayFilterFault({ code, column: 7, word: 'tpc', near: ['tcp'] }, language)
      expect(text).toMatch(/7/)
      expect(text).toMatch(/tcp/)
      expect(text).not.toMatch(/[{}]/)
    }
    expect(sayFilterFault('TOO_MANY', language)).toContain(String(MOST_ALTERNATIVES))
  })
})

it('both languages have the same parameters', () => {
  const params = (words: object): unknown =>
    Object.fromEntries(
      Object.entries(words).map(([key, value]) => [
        key,
        typeof value === 'string' ? [...value.matchAll(/\{\w+\}/g)].map(([one]) => one).sort() : params(value),
      ]),
    )
  expect(params(TRACE_WORDS['zh-CN'])).toEqual(params(TRACE_WORDS.en))
})
