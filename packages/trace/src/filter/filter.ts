import type { Family } from '@hopscope/model'

/** One thing that is asked of a packet. */
export type Test =
  | { kind: 'family'; family: Family | 'arp' }
  /** By its number. */
  | { kind: 'protocol'; protocol: number }
  | { kind: 'address'; side: 'src' | 'dst'; address: string; prefixLength: number }
  | { kind: 'port'; side: 'src' | 'dst'; from: number; to: number }
  | { kind: 'icmpType'; type: number }

/** Which packets are meant. */
export type Filter =
  | { kind: 'any' }
  | { kind: 'test'; test: Test }
  | { kind: 'not'; of: Filter }
  | { kind: 'and' | 'or'; of: readonly Filter[] }

/** A test, or its contrary. */
export type Literal = { test: Test; not: boolean }
/** All of these hold. */
export type Alternative = readonly Literal[]

export const TCP = 6
export const UDP = 17
export const ICMP = 1
export const ICMP6 = 58
/** Every alternative becomes a rule that the kernel looks at for every packet. */
export const MOST_ALTERNATIVES = 64

/**
 * A filter as alternatives: a packet is meant if all tests of one of them hold. Undefined when there would be more than
 * MOST_ALTERNATIVES. Every alternative with a test of ports or of an icmp type says which protocol, so that the bytes mean that.
 */
export function alternativesOf(filter: Filter): readonly Alternative[] | undefined {
  const all = expand(filter, false)
  if (all === undefined) return undefined
  const possible = all.map(tidy).filter((one) => one !== undefined)
  const different = [...new Map(possible.map((one) => [JSON.stringify(one), one])).values()]
  return different.length <= MOST_ALTERNATIVES ? different : undefined
}

function expand(filter: Filter, not: boolean): Alternative[] | undefined {
  switch (filter.kind) {
    case 'any':
      return not ? [] : [[]]
    case 'test':
      return expandTest(filter.test, not)
    case 'not':
      return expand(filter.of, !not)
    case 'and':
    case 'or': {
      const parts = filter.of.map((one) => expand(one, not))
      if (!parts.every((part) => part !== undefined)) return undefined
      return (filter.kind === 'and') === not ? parts.flat() : products(parts)
    }
  }
}

/** What bytes mean depends on the protocol: where that is another one, the contrary of the test holds. */
function expandTest(test: Test, not: boolean): Alternative[] {
  const protocols = test.kind === 'port' ? [TCP, UDP] : test.kind === 'icmpType' ? [ICMP, ICMP6] : undefined
  if (protocols === undefined) return [[{ test, not }]]
  const is = (protocol: number, no: boolean): Literal => ({ test: { kind: 'protocol', protocol }, not: no })
  const with_ = protocols.map((protocol) => [is(protocol, false), { test, not }])
  return not ? [...with_, protocols.map((protocol) => is(protocol, true))] : with_
}

function products(parts: readonly Alternative[][]): Alternative[] | undefined {
  let all: Alternative[] = [[]]
  for (const part of parts) {
    all = all.flatMap((one) => part.map((other) => [...one, ...other])).filter((one) => tidy(one) !== undefined)
    if (all.length > MOST_ALTERNATIVES * 4) return undefined
  }
  return all
}

/** The alternative without repetitions and in a fixed order; undefined when nothing can be all of it at once. */
function tidy(alternative: Alternative): Alternative | undefined {
  const byText = new Map(alternative.map((one) => [JSON.stringify(one), one]))
  const literals = [...byText.keys()].sort().flatMap((key) => byText.get(key) ?? [])
  for (const { test, not } of literals) if (byText.has(JSON.stringify({ test, not: !not }))) return undefined
  const yes = literals.flatMap(({ test, not }) => (not ? [] : [test]))
  const families = new Set(yes.flatMap(familyOf))
  const protocols = new Set(yes.flatMap((test) => (test.kind === 'protocol' ? [test.protocol] : [])))
  if (families.size > 1 || protocols.size > 1) return undefined
  if (families.has('inet') && protocols.has(ICMP6)) return undefined
  if (families.has('inet6') && protocols.has(ICMP)) return undefined
  if (families.has('arp') && protocols.size > 0) return undefined
  // A protocol that it is says which ones it is not.
  return literals.filter(({ test, not }) => !(not && test.kind === 'protocol' && protocols.size > 0))
}

function familyOf(test: Test): (Family | 'arp')[] {
  if (test.kind === 'family') return [test.family]
  return test.kind === 'address' ? [test.address.includes(':') ? 'inet6' : 'inet'] : []
}
