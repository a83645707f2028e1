import { networkOf, normalIp } from '@hopscope/model'
import { z } from 'zod'

// Nothing here may hold what a terminal, a shell or a line-based file would obey.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
const PLAIN = /^[^\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+$/u
const plain = (most: number) =>
  z.string().min(1).max(most).regex(PLAIN, 'must not hold control or direction characters')

/** A namespace by what a person calls it: `root`, a name of `ip netns`, a container's name, or a record's id. */
export const netnsRef = plain(200)
/** A link that exists, by its name in its namespace. */
export const linkRef = plain(15)
/** The name of a link that is to be made: what the kernel takes, and no program mistakes for an option. */
export const newLinkName = plain(15)
  .regex(/^[^\s/:]+$/, 'must not hold spaces, slashes or colons')
  .regex(/^[^-.]/, 'must not begin with a hyphen or a dot')
  .regex(/^(?!(?:all|default)$)/, 'is a word that the kernel keeps for itself')
export const newNetnsName = plain(100)
  .regex(/^[^\s/]+$/, 'must not hold spaces or slashes')
  .regex(/^[^-.]/, 'must not begin with a hyphen or a dot')
export const ip = z
  .string()
  .max(45)
  .refine((text) => normalIp(text) !== undefined, 'is not an IPv4 or IPv6 address')
  .transform((text) => normalIp(text) ?? text)

/** An address with its prefix length: 192.168.1.5/24. Alone it stands for itself only (/32, /128). */
export const cidr = z
  .string()
  .max(49)
  .refine((text) => readCidr(text) !== undefined, 'is not an address with a prefix length, such as 192.168.1.5/24')
  .transform((text) => {
    const { address, prefixLength } = readCidr(text) ?? { address: text, prefixLength: 32 }
    return `${address}/${prefixLength}`
  })

/** What a route leads to, as "ip route" prints it: `default`, a network's prefix, or an address alone. */
export const destination = z
  .string()
  .max(49)
  .refine((text) => text === 'default' || readCidr(text) !== undefined, 'is neither "default" nor an address or prefix')
  .transform((text) => {
    const read = readCidr(text)
    if (read === undefined) return text
    const { address, prefixLength } = read
    const network = networkOf(address, prefixLength) ?? address
    return prefixLength === (network.includes(':') ? 128 : 32) ? network : `${network}/${prefixLength}`
  })

function readCidr(text: string): { address: string; prefixLength: number } | undefined {
  const [first = '', length, ...more] = text.split('/')
  const address = normalIp(first)
  if (address === undefined || more.length > 0) return undefined
  const most = address.includes(':') ? 128 : 32
  if (length === undefined) return { address, prefixLength: most }
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) return undefined
  return { address, prefixLength: Number(length) }
}

/** A unicast MAC address. */
export const mac = z
  .string()
  .toLowerCase()
  .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, 'is not a MAC address such as 02:42:ac:11:00:02')
  .refine((text) => (Number.parseInt(text.slice(0, 2), 16) & 1) === 0, 'is a multicast address')
  .refine((text) => text !== '00:00:00:00:00:00', 'is all zeros')
export const mtu = z.number().int().min(68).max(65_535)
export const metric = z.number().int().min(0).max(4_294_967_295)
