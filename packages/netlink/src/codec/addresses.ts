const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))

/** Link-layer address in lower-case hex with colons, "" when there are no bytes. */
export function formatMac(bytes: Uint8Array, start: number, end: number): string {
  if (end <= start) return ''
  let text = hex(bytes, start)
  for (let at = start + 1; at < end; at++) text += `:${hex(bytes, at)}`
  return text
}

/** IPv4 (4 bytes) or IPv6 (16 bytes) as iproute2 prints it (RFC 5952); undefined for any other length. */
export function formatIp(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start === 4) return formatIpv4(bytes, start)
  if (end - start === 16) return formatIpv6(bytes, start)
  return undefined
}

/** Bytes of an IPv4 or IPv6 address in text; throws RangeError for anything else. */
export function parseIp(text: string): Buffer {
  if (text.includes(':')) return parseIpv6(text)
  const octets = text.split('.').map(Number)
  if (octets.length !== 4 || octets.some((octet) => !Number.isInteger(octet) || octet < 0 || octet > 255)) {
    throw new RangeError(`not an IP address: ${text}`)
  }
  return Buffer.from(octets)
}

/** Bytes of "02:00:00:00:00:77"; throws RangeError for anything else. */
export function parseMac(text: string): Buffer {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(text)) throw new RangeError(`not a link-layer address: ${text}`)
  return Buffer.from(text.replaceAll(':', ''), 'hex')
}

function hex(bytes: Uint8Array, at: number): string {
  return HEX[bytes[at] ?? 0] ?? '00'
}

function formatIpv4(bytes: Uint8Array, start: number): string {
  return `${bytes[start]}.${bytes[start + 1]}.${bytes[start + 2]}.${bytes[start + 3]}`
}

function formatIpv6(bytes: Uint8Array, start: number): string {
  const word = (index: number) => ((bytes[start + 2 * index] ?? 0) << 8) | (bytes[start + 2 * index + 1] ?? 0)
  const gap = longestZeroRun(word)
  // glibc writes ::ffff:10.0.0.1 and ::10.0.0.1 with a dotted tail, and iproute2 prints what glibc writes.
  const dotted = gap.start === 0 && (gap.length === 6 || (gap.length === 5 && word(5) === 0xffff))
  let text = ''
  for (let index = 0; index < 8; index++) {
    if (index === gap.start) {
      text += '::'
      index += gap.length - 1
      continue
    }
    if (text !== '' && !text.endsWith(':')) text += ':'
    if (dotted && index === 6) return text + formatIpv4(bytes, start + 12)
    text += word(index).toString(16)
  }
  return text
}

/** The first longest run of two or more zero words, start −1 when there is none. */
function longestZeroRun(word: (index: number) => number): { start: number; length: number } {
  const best = { start: -1, length: 1 }
  for (let index = 0; index < 8; index++) {
    let after = index
    while (after < 8 && word(after) === 0) after++
    if (after - index > best.length) {
      best.start = index
      best.length = after - index
    }
    if (after > index) index = after
  }
  return best
}

function parseIpv6(text: string): Buffer {
  const [head = '', tail, extra] = text.split('::')
  const words = (part: string) => (part === '' ? [] : part.split(':').flatMap(wordsOf))
  const before = words(head)
  const after = tail === undefined ? [] : words(tail)
  const missing = 8 - before.length - after.length
  if (extra !== undefined || missing < 0 || (tail === undefined ? missing !== 0 : missing === 0)) {
    throw new RangeError(`not an IP address: ${text}`)
  }
  const bytes = Buffer.alloc(16)
  for (const [index, value] of [...before, ...Array<number>(missing).fill(0), ...after].entries()) {
    bytes.writeUInt16BE(value, 2 * index)
  }
  return bytes
}

function wordsOf(part: string): number[] {
  if (part.includes('.')) {
    const v4 = parseIp(part)
    return [v4.readUInt16BE(0), v4.readUInt16BE(2)]
  }
  if (!/^[0-9a-f]{1,4}$/i.test(part)) throw new RangeError(`not a part of an IPv6 address: ${part}`)
  return [Number.parseInt(part, 16)]
}
