import { z } from 'zod'
import { fact } from './comparable.ts'
import type { Place } from './ipRoute.ts'

/** Files of the switches that are compared. */
export const SWITCHES = [
  '/proc/sys/net/ipv4/ip_forward',
  '/proc/sys/net/ipv4/conf/*/forwarding',
  '/proc/sys/net/ipv4/conf/*/rp_filter',
  '/proc/sys/net/ipv4/conf/*/proxy_arp',
  '/proc/sys/net/ipv6/conf/*/forwarding',
  '/proc/sys/net/bridge/bridge-nf-call-*',
]

const bridgeJson = z.array(z.looseObject({ linkinfo: z.looseObject({ info_kind: z.string().optional() }).optional() }))

/** Whether there is a bridge among the links of `ip -j -d link`. */
export const hasBridge = (raw: unknown): boolean =>
  bridgeJson.parse(raw).some((link) => link.linkinfo?.info_kind === 'bridge')

/** Lines "file:value" of `grep -H .`; the switches for bridged frames only where frames may be bridged. */
export function switchesOf({ inode, index }: Place, listing: string, bridged: boolean): string[] {
  return listing.split('\n').flatMap((line) => {
    const [, file = '', value] = /^\/proc\/sys\/net\/([^:]+):(\d+)$/.exec(line) ?? []
    const [, family, link = '', name = ''] = /^(ipv[46])\/conf\/(.+)\/(\w+)$/.exec(file) ?? []
    if (value === undefined) return []
    if (file.startsWith('bridge/')) return bridged ? [fact(String(inode), { [file.slice(7)]: value })] : []
    if (file === 'ipv4/ip_forward') return [fact(String(inode), { ip_forward: value })]
    if (link === 'default') return name === 'rp_filter' ? [fact(String(inode), { rp_filter_default: value })] : []
    if (link === 'all') return allOf(inode, `${family} ${name}`, value)
    // A link that is too small for IPv4 or IPv6 has none of their switches.
    const place = index.get(link)
    return place === undefined ? [] : [fact(`${inode} ${place}`, { [`${family}_${name}`]: value })]
  })
}

function allOf(inode: number, name: string, value: string): string[] {
  if (name === 'ipv4 rp_filter') return [fact(String(inode), { rp_filter_all: value })]
  return name === 'ipv6 forwarding' ? [fact(String(inode), { ip6_forwarding: value })] : []
}
