import { fact } from './comparable.ts'
import type { Place } from './ipRoute.ts'

/** Sockets of `ss -lntuHe`. */
export function socketsOf({ inode }: Place, listing: string): string[] {
  return listing.split('\n').flatMap((line) => {
    const [protocol, , , , local = ''] = line.trim().split(/\s+/)
    const number = /\bino:(\d+)/.exec(line)?.[1]
    // Inode 0 belongs to a socket that its process closed already.
    if (number === undefined || number === '0') return []
    const [, where = '', port] = /^(.*):(\d+|\*)$/.exec(local) ?? []
    const [address = '', device] = where.replace(/^\[|\]/g, '').split('%')
    // "*" is "::" that takes IPv4 as well.
    const shown = address === '*' ? '::' : address
    return [fact(`${inode} ${number}`, { protocol, address: shown, port, device })]
  })
}
