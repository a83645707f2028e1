import { ipGroups, normalIp } from '@hopscope/model'

/** A run of addresses, both ends included. */
export type Range6 = readonly [from: bigint, to: bigint]

/** An IPv6 address as a number; undefined for what is none. */
export function toNumber6(text: string): bigint | undefined {
  const groups = ipGroups(text)
  return groups?.length === 8 ? groups.reduce((n, group) => (n << 16n) | BigInt(group), 0n) : undefined
}

export function toText6(n: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((n >> BigInt(16 * (7 - i))) & 0xffffn).toString(16))
  const text = groups.join(':')
  return normalIp(text) ?? text
}

/** `fe80::/10`, `::1` or `fd00::1-fd00::9` as the run of addresses that it stands for; undefined for what is none. */
export function toRange6(text: string): Range6 | undefined {
  const [first = '', last] = text.split('-')
  if (last !== undefined) {
    const [from, to] = [toNumber6(first), toNumber6(last)]
    return from === undefined || to === undefined ? undefined : [from, to]
  }
  const [address = '', length = '128'] = text.split('/')
  const n = toNumber6(address)
  if (n === undefined || !/^\d{1,3}$/.test(length) || Number(length) > 128) return undefined
  const rest = (1n << BigInt(128 - Number(length))) - 1n
  return [n - (n & rest), n | rest]
}

/** A run of addresses as a prefix, where it is one, else as both ends. */
export function rangeText6([from, to]: Range6): string {
  if (from === to) return toText6(from)
  for (let bits = 1; bits <= 128; bits++)
    if (to - from + 1n === 1n << BigInt(bits) && (from & (to - from)) === 0n) return `${toText6(from)}/${128 - bits}`
  return `${toText6(from)}-${toText6(to)}`
}
