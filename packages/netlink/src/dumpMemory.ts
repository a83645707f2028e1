import { type Message, Reader } from './codec/reader.ts'

/** What a dump said when it was last decoded, as a number of 64 bits; empty for one that was not. */
export type DumpMemory = { print?: { high: number; low: number; length: number } }
/** What moves all the time and is not decoded: attributes behind a header of so many bytes. */
export type Volatile = { header: number; attributes: ReadonlySet<number> }

/** Stands for the records of a dump that says what it said before. */
export const UNCHANGED: never[] = []

const MESSAGE_HEADER = 16

/** The messages of a dump, kept until it is known whether they say anything new. All dumps share the bytes: use one at a time. */
export class Pile {
  private used = 0
  private high = 0
  private low = 0

  constructor() {
    this.clear()
  }

  clear(): void {
    this.used = 0
    this.high = 0x811c9dc5
    this.low = 0x1b873593
  }

  add(reader: Reader, { start, end }: Message, volatile: Volatile | undefined): void {
    const from = start - MESSAGE_HEADER
    const at = this.used
    this.used += (end - from + 3) & ~3
    if (this.used > bytes.length) grow(this.used)
    reader.bytes.copy(bytes, at, from, end)
    bytes.fill(0, at + end - from, this.used)
    if (volatile === undefined) {
      this.mix(at + MESSAGE_HEADER, this.used)
      return
    }
    const attributes = at + MESSAGE_HEADER + volatile.header
    this.mix(at + MESSAGE_HEADER, attributes)
    own.bytes = bytes
    own.attributes(attributes, at + end - from, (type, valueStart, valueEnd) => {
      if (!volatile.attributes.has(type)) this.mix(valueStart - 4, (valueEnd + 3) & ~3)
    })
  }

  /** True when the memory is of the same messages; remembers these if not. */
  matches(memory: DumpMemory): boolean {
    const { high, low, used: length } = this
    const { print } = memory
    if (print?.high === high && print.low === low && print.length === length) return true
    memory.print = { high, low, length }
    return false
  }

  messages(reader: Reader, visit: (message: Message) => void): void {
    reader.bytes = bytes
    reader.messages(0, this.used, visit)
  }

  /** Two sums of the words, by different factors. */
  private mix(start: number, end: number): void {
    let { high, low } = this
    for (let at = start >> 2; at < end >> 2; at++) {
      const word = words[at] ?? 0
      high = Math.imul(high ^ word, 0x01000193)
      high ^= high >>> 15
      low = Math.imul((low << 5) ^ (low >>> 27) ^ word, 0x85ebca6b)
    }
    this.high = high
    this.low = low
  }
}

let bytes = Buffer.from(new ArrayBuffer(1 << 18))
let words = new Int32Array(bytes.buffer)
const own = new Reader(bytes)

function grow(size: number): void {
  const larger = Buffer.from(new ArrayBuffer(1 << Math.ceil(Math.log2(size))))
  bytes.copy(larger)
  bytes = larger
  words = new Int32Array(bytes.buffer)
}
