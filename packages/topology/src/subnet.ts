import { networkOf } from '@hopscope/model'

/** The subnet an address lies in, `192.168.1.0/24`; undefined for host prefixes, link-local and unreadable addresses. */
export function subnetOf(local: string, prefixLength: number): string | undefined {
  const v6 = local.includes(':')
  if (prefixLength <= 0 || prefixLength >= (v6 ? 128 : 32)) return undefined
  if (v6 ? local.toLowerCase().startsWith('fe80') : local.startsWith('169.254.')) return undefined
  const network = networkOf(local, prefixLength)
  return network && `${network}/${prefixLength}`
}
