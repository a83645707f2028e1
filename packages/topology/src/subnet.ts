/** The subnet an address lies in, `192.168.1.0/24`; undefined for host prefixes, link-local and unreadable addresses. */
export function subnetOf(local: string, prefixLength: number): string | undefined {
  const v6 = local.includes(':')
  if (prefixLength <= 0 || prefixLength >= (v6 ? 128 : 32)) return undefined
  if (v6 ? local.toLowerCase().startsWith('fe80') : local.startsWith('169.254.')) return undefined
  const groups = v6 ? groups6(local) : groups4(local)
  if (!groups) return undefined
  const bits = v6 ? 16 : 8
  const masked = groups.map((g, i) => {
    const kept = Math.min(bits, Math.max(0, prefixLength - i * bits))
    return g & ~((1 << (bits - kept)) - 1)
  })
  const network = v6 ? shorten6(masked) : masked.join('.')
  return `${network}/${prefixLength}`
}

function groups4(text: string): number[] | undefined {
  const groups = text.split('.').map(Number)
  return groups.length === 4 && groups.every((g) => g >= 0 && g <= 255) ? groups : undefined
}

function groups6(text: string): number[] | undefined {
  const [head = '', tail] = text.split('::')
  const parse = (s: string | undefined) => (s ? s.split(':').map((g) => Number.parseInt(g, 16)) : [])
  const before = parse(head)
  const after = parse(tail)
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  if (zeros < 0) return undefined
  const groups = [...before, ...Array.from({ length: zeros }, () => 0), ...after]
  return groups.length === 8 && groups.every((g) => g >= 0 && g <= 0xffff) ? groups : undefined
}

/** Trailing zeros are all that a masked network has to shorten. */
function shorten6(groups: number[]): string {
  const hex = groups.map((g) => g.toString(16))
  while (hex.at(-1) === '0') hex.pop()
  return hex.length === 8 ? hex.join(':') : `${hex.join(':')}::`
}
