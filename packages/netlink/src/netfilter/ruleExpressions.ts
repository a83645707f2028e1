import { attribute, cString, nested, u32, u32BE, u64BE } from '../codec/writer.ts'

/** Expressions of a rule as nf_tables takes them; each loads into, or compares with, the one register that all of them share. */

const REGISTER = u32BE(1)
const VERDICT_REGISTER = u32BE(0)
const META = { protocol: 1, mark: 3, iif: 4, oif: 5, nftrace: 12, nfproto: 15, l4proto: 16 } as const
const BASE = { link: 0, network: 1, transport: 2 } as const
const COMPARE = { eq: 0, neq: 1 } as const
const DAY = 86_400
const VERDICT = { accept: 1, return: -5 } as const
const CT_STATUS = 2
const SRC_NAT = 1 << 4
const DST_NAT = 1 << 5

/** "meta l4proto …": loads what the kernel knows of a packet beside its bytes. */
export const metaLoad = (key: keyof typeof META): Buffer =>
  expression('meta', attribute(1, REGISTER), attribute(2, u32BE(META[key])))

/** Loads bytes of a packet's header. Same as "@nh,OFFSET,BITS" of nft, in bytes. */
export const payloadLoad = (base: keyof typeof BASE, offset: number, length: number): Buffer =>
  expression(
    'payload',
    attribute(1, REGISTER),
    attribute(2, u32BE(BASE[base])),
    attribute(3, u32BE(offset)),
    attribute(4, u32BE(length)),
  )

/** Goes on with the rule if what was loaded compares so with a value of the same length. */
export const compare = (op: keyof typeof COMPARE, value: Uint8Array): Buffer =>
  expression('cmp', attribute(1, REGISTER), attribute(2, u32BE(COMPARE[op])), nested(3, attribute(1, value)))

/**
 * Goes on with the rule if the packet's connection is translated. Such a rule makes the namespace track connections: only where that is so already.
 * Same as "ct status snat,dnat", either of them.
 */
export const isTranslated = (): Buffer[] => [
  expression('ct', attribute(1, REGISTER), attribute(2, u32BE(CT_STATUS))),
  // Unlike headers this is a number of the machine itself.
  mask(u32(SRC_NAT | DST_NAT)),
  compare('neq', u32(0)),
]

/** Goes on with the rule if what was loaded is from one value to the other, or if it is not. */
export const range = (is: 'inside' | 'outside', from: Uint8Array, to: Uint8Array): Buffer =>
  expression(
    'range',
    attribute(1, REGISTER),
    attribute(2, u32BE(is === 'inside' ? 0 : 1)),
    nested(3, attribute(1, from)),
    nested(4, attribute(1, to)),
  )

/** Keeps the bits of what was loaded that are set in the mask. */
export const mask = (bits: Uint8Array): Buffer =>
  expression(
    'bitwise',
    attribute(1, REGISTER),
    attribute(2, REGISTER),
    attribute(3, u32BE(bits.length)),
    nested(4, attribute(1, bits)),
    nested(5, attribute(1, new Uint8Array(bits.length))),
  )

/** Goes on with the rule if what was loaded is in the set. */
export const lookup = (set: string): Buffer => expression('lookup', attribute(1, cString(set)), attribute(2, REGISTER))

export const counter = (): Buffer => expression('counter')

/** "limit rate N/second burst N packets". */
export const limitRate = (perSecond: number): Buffer => limit({ rate: perSecond, unit: 1, burst: perSecond })

/** Goes on for so many packets, and for one more a day. Same as "limit rate 1/day burst N packets". */
export const limitTotal = (packets: number): Buffer => limit({ rate: 1, unit: DAY, burst: packets })

/** "meta nftrace set 1". */
export const startTracing = (): Buffer[] => [
  expression('immediate', attribute(1, REGISTER), nested(2, attribute(1, Buffer.of(1)))),
  expression('meta', attribute(2, u32BE(META.nftrace)), attribute(3, REGISTER)),
]

/** Ends the chain: "return", "accept", or "goto CHAIN". */
export const verdict = (to: { goto: string } | keyof typeof VERDICT): Buffer => {
  const code =
    typeof to === 'string'
      ? [attribute(1, u32BE(VERDICT[to]))]
      : [attribute(1, u32BE(-4)), attribute(2, cString(to.goto))]
  return expression('immediate', attribute(1, VERDICT_REGISTER), nested(2, nested(2, ...code)))
}

function limit({ rate, unit, burst }: { rate: number; unit: number; burst: number }): Buffer {
  return expression('limit', attribute(1, u64BE(rate)), attribute(2, u64BE(unit)), attribute(3, u32BE(burst)))
}

const expression = (name: string, ...attributes: Buffer[]): Buffer =>
  nested(1, attribute(1, cString(name)), nested(2, ...attributes))
