import { type Address, type HostSnapshot, type Link, normalIp } from '@hopscope/model'
import { ipOf } from '../argv.ts'
import { recordsAt } from '../find.ts'
import type { Act } from '../plan.ts'
import type { Placing } from './placing.ts'

/** The words of an address after "ip address add". */
export function addressWords(address: Address, link: Link): string[] {
  const { local, prefixLength, peer, broadcast, label, scope, flags } = address
  return [
    ...(peer === undefined ? [`${local}/${prefixLength}`] : [local, 'peer', `${peer}/${prefixLength}`]),
    ...(broadcast === undefined ? [] : ['broadcast', broadcast]),
    ...(address.family === 'inet' ? ['scope', scope] : []),
    ...(label === undefined || label === link.name ? [] : ['label', label]),
    ...(flags.includes('noprefixroute') ? ['noprefixroute'] : []),
    ...['dev', link.name],
  ]
}

/** Those that somebody gave the link; the kernel makes link-local ones, and others give dynamic ones. */
export function addressesOf(snapshot: HostSnapshot, link: Link): Address[] {
  const given = recordsAt(snapshot, 'address', link).filter(
    ({ family, scope, flags }) => !(family === 'inet6' && scope !== 'global') && !flags.includes('dynamic'),
  )
  // The first address of a subnet is the one that the kernel sends from.
  return given.sort((a, b) => Number(a.flags.includes('secondary')) - Number(b.flags.includes('secondary')))
}

export function addressBack(address: Address, link: Link, placing: Placing): Act {
  return {
    place: placing(link.netns),
    argv: [...ipOf(address.family, 'address'), 'replace', ...addressWords(address, link)],
  }
}

/** The link-local address is made of the MAC address that the link had when it came up, which may be another one by now. */
export function restoreLinkLocal(snapshot: HostSnapshot, link: Link, placing: Placing): Act[] {
  const had = recordsAt(snapshot, 'address', link).filter(({ family, scope }) => family === 'inet6' && scope === 'link')
  const made = link.address === undefined || link.address === NO_MAC ? undefined : linkLocalOf(link.address)
  if (had.length === 0 || had.some(({ local }) => local === made)) return []
  const place = placing(link.netns)
  return [
    ...had.map((one) => addressBack(one, link, placing)),
    // Without a carrier it does not have one yet.
    ...(made === undefined
      ? []
      : [{ place, argv: ['ip', '-6', 'address', 'delete', `${made}/64`, 'dev', link.name], mayBeGone: true } as const]),
  ]
}

/** The address that the kernel makes of a MAC address (EUI-64). */
function linkLocalOf(mac: string): string | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((octet) => Number.parseInt(octet, 16))
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f]
  return normalIp(`fe80::${groups.map((group) => group.toString(16)).join(':')}`)
}

/** What a bridge has that lost its last port. The kernel takes it from nobody. */
export const NO_MAC = '00:00:00:00:00:00'
