import { ipGroups } from '@hopscope/model'

/** A run of addresses, both ends included. */
export type Range = readonly [from: number, to: number]

/** An IPv4 address as a number; undefined for what is none. */
export function toNumber(text: string): number | undefined {
  const groups = ipGroups(text)
  if (groups?.length !== 4) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = groups
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

export const toText = (n: number): string => `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`

export type Prefix = { from: number; to: number; length: number }

/** `default`, `10.0.0.0/8`, `10.0.0.1` or `10.0.0.0/255.0.0.0` as the run of addresses it stands for; undefined for what is none. */
export function toPrefix(text: string): Prefix | undefined {
  if (text === 'default') return { from: 0, to: 0xffffffff, length: 0 }
  const [address = '', mask] = text.split('/')
  const n = toNumber(address)
  const length = mask === undefined ? 32 : mask.includes('.') ? maskLength(mask) : Number(mask)
  if (n === undefined || length === undefined || !(length >= 0 && length <= 32)) return undefined
  const bits = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0
  const from = (n & bits) >>> 0
  return { from, to: (from | (~bits >>> 0)) >>> 0, length }
}

/** Only masks of leading ones have a length. */
function maskLength(mask: string): number | undefined {
  const n = toNumber(mask)
  if (n === undefined) return undefined
  const zeros = ~n >>> 0
  return (zeros & (zeros + 1)) === 0 ? 32 - Math.round(Math.log2(zeros + 1)) : undefined
}

export const isMulticast = (n: number): boolean => n >>> 28 === 14
export const isLoopback = (n: number): boolean => n >>> 24 === 127
export const BROADCAST = 0xffffffff
