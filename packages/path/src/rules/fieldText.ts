import { toText } from '../ipv4.ts'
import { rangeText6, toText6 } from '../ipv6.ts'
import type { Fact } from './facts.ts'
import type { Field, Values } from './rule.ts'
import { icmp6TypeName, icmpTypeName, protocolName } from './values.ts'

/** What a packet has in a field, as iptables and nft would print it; empty where it has nothing. */
export function factText(field: Field, fact: Fact): string {
  if (fact === undefined || (typeof fact === 'object' && 'unknown' in fact)) return ''
  if (typeof fact === 'bigint') return toText6(fact)
  if (typeof fact === 'number') return numberText(field, fact)
  if ('between' in fact) return fact.between.join('-')
  if ('has' in fact)
    return Object.keys(fact.has)
      .filter((word) => fact.has[word])
      .join(',')
  return fact.filter((word) => word !== '').join(',')
}

/** What a rule wants in a field, printed alike. */
export function valuesText(field: Field, values: Values): string {
  switch (values.kind) {
    case 'ranges':
      return values.ranges.map((range) => rangeText(field, range)).join(',')
    case 'ranges6':
      return values.ranges.map(rangeText6).join(',')
    case 'words':
      return values.words.map((word) => word.replace(/\+$/, '*')).join(',')
    case 'any':
      return '*'
    case 'masked':
      return values.mask === ALL_BITS ? hex(values.value) : `${hex(values.value)}/${hex(values.mask)}`
    case 'flags':
      return `${values.set.join(',') || 'NONE'}/${values.of.join(',')}`
  }
}

const ALL_BITS = 0xffffffff
const hex = (n: number): string => `0x${n.toString(16)}`

function numberText(field: Field, n: number): string {
  switch (field) {
    case 'src':
    case 'dst':
    case 'arpSrc':
    case 'arpDst':
      return toText(n)
    case 'protocol':
    case 'nextHeader':
      return protocolName(n) ?? String(n)
    case 'icmpType':
      return icmpText(n, icmpTypeName)
    case 'icmp6Type':
      return icmpText(n, icmp6TypeName)
    case 'mark':
    case 'ctMark':
      return hex(n)
    default:
      return String(n)
  }
}

/** Types are compared together with their codes; of a type without a code all of them are meant. */
function icmpText(n: number, nameOf: (type: number) => string | undefined): string {
  const name = nameOf(n >>> 8) ?? String(n >>> 8)
  return (n & 255) === 0 ? name : `${name}/${n & 255}`
}

function rangeText(field: Field, [from, to]: readonly [number, number]): string {
  if (from === to) return numberText(field, from)
  if (ADDRESSES.has(field)) return prefixText(from, to) ?? `${toText(from)}-${toText(to)}`
  if ((field === 'icmpType' || field === 'icmp6Type') && to - from === 255) return numberText(field, from)
  return `${numberText(field, from)}-${numberText(field, to)}`
}

const ADDRESSES: ReadonlySet<Field> = new Set(['src', 'dst', 'arpSrc', 'arpDst'])

/** A run of addresses as a prefix, where it is one. */
function prefixText(from: number, to: number): string | undefined {
  const size = to - from + 1
  const bits = Math.log2(size)
  return Number.isInteger(bits) && from % size === 0 ? `${toText(from)}/${32 - bits}` : undefined
}
