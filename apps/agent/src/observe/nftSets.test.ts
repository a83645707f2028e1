import { describe, expect, it } from 'vitest'
import { parseNftSets } from './nftSets.ts'

const listing = (...sets: string[]): string =>
  [
    'table inet t { # handle 3',
    ...sets,
    '\tchain c { # handle 1',
    '\t\tip saddr @a drop # handle 4',
    '\t}',
    '}',
    '',
  ].join('\n')
const block = (name: string, ...lines: string[]): string =>
  [`\tset ${name} { # handle 9`, '\t\ttype ipv4_addr', ...lines.map((line) => `\t\t${line}`), '\t}', ''].join('\n')
const numbers = (count: number): string =>
  Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`).join(', ')

describe('parseNftSets', () => {
  it('reads elements in one line and in several, in an order of its own', () => {
    const sets = parseNftSets(`table ip t { # handle 1
\tset a { # handle 4
\t\ttypeof ip saddr . tcp dport
\t\tflags interval
\t\tauto-merge
\t\tcomment "elements = { 9 }"
\t\tcounter
\t\telements = { 10.0.0.10 . 80 counter comment "x, y } counter",
\t\t\t     10.0.0.2 . 22 counter }
\t}

\tmap v { # handle 23
\t\ttype ifname : verdict
\t\telements = { "eth0" counter : drop, "br1" counter : jump x }
\t}
}
table ip empty { # handle 2
}
`)
    expect(sets).toEqual(
      new Map([
        [
          'ip t',
          {
            a: {
              kind: 'set',
              type: 'ip saddr . tcp dport',
              flags: ['interval'],
              elements: { kind: 'all', all: ['10.0.0.2 . 22', '10.0.0.10 . 80 comment "x, y } counter"'] },
            },
            v: {
              kind: 'map',
              type: 'ifname : verdict',
              flags: [],
              elements: { kind: 'all', all: ['"br1" : jump x', '"eth0" : drop'] },
            },
          },
        ],
      ]),
    )
  })

  it('keeps no elements that time or rules change', () => {
    const rule = '\tchain d { # handle 2\n\t\tupdate @b { ip saddr } # handle 7\n\t}'
    const sets = parseNftSets(
      listing(block('a', 'flags dynamic,timeout', 'elements = { 10.0.0.1 timeout 1h }'), block('b'), block('c'), rule),
    ).get('inet t')
    expect(sets?.a?.elements).toEqual({ kind: 'changing' })
    expect(sets?.b?.elements).toEqual({ kind: 'changing' })
    expect(sets?.c?.elements).toEqual({ kind: 'all', all: [] })
  })

  it('counts those of a long list, and still tells short ones', () => {
    const long = block('a', `elements = { ${numbers(100_000)} }`)
    const sets = parseNftSets(listing(long, block('b', 'elements = { 10.0.0.1 }'))).get('inet t')
    expect(sets?.a?.elements).toEqual({ kind: 'tooMany', count: 100_000 })
    expect(sets?.b?.elements).toEqual({ kind: 'all', all: ['10.0.0.1'] })
  })
})
