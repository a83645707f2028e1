import type { Link } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import type { IndexedAddress } from '../host/tables.ts'
import { type Ip, inside, isInet6, isLinkLocal, isLoopback, type Prefix, toPrefix } from '../ip.ts'

/** The address that the kernel puts on what leaves by a link without one; undefined when the namespace has none, or nobody can tell which. */
export const selectAddress = (space: NetnsIndex, out: Link, towards: Ip): Ip | undefined =>
  isInet6(towards) ? selectAddress6(space, out, towards) : selectAddress4(space, out, towards)

function selectAddress4(space: NetnsIndex, out: Link, towards: Ip): Ip | undefined {
  const { addresses } = space.tables('inet')
  const global = (a: IndexedAddress) => a.record.scope === 'global' && !a.record.flags.includes('secondary')
  const own = addresses.filter((a) => a.record.index === out.index && global(a))
  const near = own.find((a) => inside(towards, a.prefix)) ?? own[0]
  if (near) return near.n
  const linkOwn = addresses.find((a) => a.record.index === out.index && a.record.scope === 'link')
  return linkOwn?.n ?? addresses.find(global)?.n
}

/** An address that nobody answers for yet, or ever. */
export const isUnready = ({ record: { flags } }: IndexedAddress): boolean =>
  flags.some((flag) => flag === 'tentative' || flag === 'dadfailed' || flag === 'optimistic')

/** RFC 6724 as the kernel has it, without what only the order of addresses or a switch that no record has would decide. */
function selectAddress6(space: NetnsIndex, out: Link, towards: bigint): Ip | undefined {
  const all = space.tables('inet6').addresses.filter(({ record }) => !record.flags.includes('dadfailed'))
  if (all.some((one) => one.n === towards && !isUnready(one))) return towards
  if ([towards, ...all.map(({ n }) => n)].some(isRare)) return undefined
  const rest = (Object.keys(RULES) as (keyof typeof RULES)[]) // the keys of RULES itself
    .reduce((left, rule) => best(left, (one) => RULES[rule]({ one, out, towards })), all)
  // Whether temporary addresses go first is such a switch.
  if (new Set(rest.map(({ record }) => record.flags.includes('temporary'))).size > 1) return undefined
  const [first, ...more] = best(rest, (one) => sharedBits(one, towards))
  // What is still tested when it would be chosen may have passed by the time that the packet is sent, or not.
  if (!first || more.length > 0 || isUnready(first)) return undefined
  // With no other address it is sent with one that means nothing elsewhere.
  return RULES.scope({ one: first }) === 1 ? first.n : undefined
}

/** Addresses of a site and those made of keys (ORCHID) have rules of their own; nobody uses them any more. */
const RARE = ['fec0::/10', '2001:10::/28'].map((text) => toPrefix(text, 'inet6'))
const isRare = (ip: Ip): boolean => RARE.some((prefix) => prefix !== undefined && inside(ip, prefix))

type Candidate = { one: IndexedAddress; out: Link; towards: bigint }
const RULES = {
  // What is asked for has the global scope: the smallest that is not smaller.
  scope: ({ one }: Pick<Candidate, 'one'>) => Number(!isLinkLocal(one.n) && !isLoopback(one.n)),
  preferred: ({ one }: Candidate) => Number(!one.record.flags.includes('deprecated')),
  home: ({ one }: Candidate) => Number(one.record.flags.includes('home')),
  link: ({ one, out }: Candidate) => Number(one.record.index === out.index),
  label: ({ one, towards }: Candidate) => Number(labelOf(one.n) === labelOf(towards)),
}

function best(all: readonly IndexedAddress[], score: (one: IndexedAddress) => number): IndexedAddress[] {
  const most = Math.max(...all.map(score))
  return all.filter((one) => score(one) === most)
}

/** The kernel's table of labels, the longest prefix first, without those that are rare. Same as "ip addrlabel". */
const LABELS = ['::1/128', '::ffff:0:0/96', '::/96', '2001::/32', '2002::/16', '3ffe::/16', 'fc00::/7']
  .map((text) => toPrefix(text, 'inet6'))
  .filter((prefix): prefix is Prefix => prefix !== undefined)
const labelOf = (ip: Ip): number => LABELS.findIndex((prefix) => inside(ip, prefix))

/** How many leading bits of both are alike, no more than its own prefix has. */
function sharedBits({ n, record }: IndexedAddress, towards: bigint): number {
  const differing = isInet6(n) ? (n ^ towards).toString(2).length : 128
  return Math.min(128 - differing, record.prefixLength)
}
