/** The numbers of an address: four for IPv4, eight for IPv6; undefined for what is none. */
export function ipGroups(text: string): number[] | undefined {
  return text.includes(':') ? groups6(text) : groups4(text)
}

/** An address as the kernel's tools print it (RFC 5952 for IPv6); undefined for what is none. */
export function normalIp(text: string): string | undefined {
  const groups = ipGroups(text)
  if (groups === undefined || groups.length === 4) return groups?.join('.')
  const { start, length } = longestZeros(groups)
  // As inet_ntop does: what holds an IPv4 address shows it.
  if (start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff))) {
    const dotted = groups.slice(6).flatMap((g) => [g >> 8, g & 0xff])
    return `::${length === 5 ? 'ffff:' : ''}${dotted.join('.')}`
  }
  const hex = groups.map((g) => g.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

/** The first address of the subnet that an address lies in; undefined for what is no address or no prefix length. */
export function networkOf(address: string, prefixLength: number): string | undefined {
  const groups = ipGroups(address)
  const bits = groups?.length === 8 ? 16 : 8
  if (groups === undefined || prefixLength < 0 || prefixLength > groups.length * bits) return undefined
  const masked = groups.map((g, i) => {
    const kept = Math.min(bits, Math.max(0, prefixLength - i * bits))
    return g & ~((1 << (bits - kept)) - 1)
  })
  return normalIp(masked.length === 4 ? masked.join('.') : masked.map((g) => g.toString(16)).join(':'))
}

/** True when the address lies in the subnet of another one: `inSubnet('10.0.0.9', '10.0.0.1', 24)`. */
export function inSubnet(address: string, other: string, prefixLength: number): boolean {
  if (address.includes(':') !== other.includes(':')) return false
  const network = networkOf(other, prefixLength)
  return network !== undefined && network === networkOf(address, prefixLength)
}

function groups4(text: string): number[] | undefined {
  const groups = text.split('.').map((g) => (/^\d{1,3}$/.test(g) ? Number(g) : Number.NaN))
  return groups.length === 4 && groups.every((g) => g <= 255) ? groups : undefined
}

function groups6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [before, after] = [parseHalf(halves[0]), parseHalf(halves[1])]
  if (before === undefined || after === undefined) return undefined
  const zeros = halves.length === 1 ? 0 : 8 - before.length - after.length
  if (halves.length === 2 && zeros < 1) return undefined
  const groups = [...before, ...Array.from({ length: zeros }, () => 0), ...after]
  return groups.length === 8 ? groups : undefined
}

/** The last one may be an IPv4 address. */
function parseHalf(half = ''): number[] | undefined {
  if (half === '') return []
  const words = half.split(':')
  const groups: number[] = []
  for (const [i, word] of words.entries()) {
    const dotted = i === words.length - 1 && word.includes('.') ? groups4(word) : undefined
    if (dotted) {
      const [a = 0, b = 0, c = 0, d = 0] = dotted
      groups.push((a << 8) | b, (c << 8) | d)
    } else if (/^[0-9a-f]{1,4}$/i.test(word)) groups.push(Number.parseInt(word, 16))
    else return undefined
  }
  return groups
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (let i = 0; i <= groups.length; i++) {
    if (i < groups.length && groups[i] === 0) continue
    if (i - start > best.length) best = { start, length: i - start }
    start = i + 1
  }
  return best
}
