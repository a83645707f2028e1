/** What a dump said when it was last decoded, as a number of 64 bits; empty for one that was not. */
export type DumpMemory = { print?: { high: number; low: number; length: number } }
/** What moves all the time and is not decoded: attributes behind a header of so many bytes, as bits of their types (below 32). */
export type Volatile = {
  header: number
  attributes: number
  /** The attribute that holds kinds with their data, and what moves within the data. */
  nest?: number
  inside?: readonly VolatileData[]
}
/** In a nest: the attribute `kind` says `name` (its words), and what follows in the attribute `data` has these that move. */
export type VolatileData = { kind: number; data: number; name: Int32Array; attributes: number }

const MESSAGE_HEADER = 16
const ATTRIBUTE_HEADER = 4
const ATTRIBUTE_TYPE = 0x3fff

type Span = { words: Int32Array; start: number; end: number }

/** A number of 64 bits for the messages of a dump: two sums of their words, by different factors. */
export class DumpPrint {
  private high = 0
  private low = 0
  private length = 0

  constructor() {
    this.clear()
  }

  clear(): void {
    this.high = 0x811c9dc5 | 0
    this.low = 0x1b873593
    this.length = 0
  }

  /** Adds a message's payload between two offsets in bytes; it starts at a whole word, and zeros fill its last one. */
  add(words: Int32Array, start: number, end: number, volatile: Volatile | undefined): void {
    this.length += MESSAGE_HEADER + ((end - start + 3) & ~3)
    if (volatile === undefined) {
      this.mix(words, start, end)
      return
    }
    const attributes = Math.min(start + volatile.header, end)
    this.mix(words, start, attributes)
    this.mixAttributes({ words, start: attributes, end }, volatile.attributes, volatile)
  }

  matches({ print }: DumpMemory): boolean {
    return print !== undefined && print.high === this.high && print.low === this.low && print.length === this.length
  }

  keep(memory: DumpMemory): void {
    memory.print = { high: this.high, low: this.low, length: this.length }
  }

  /** All but those whose bits are set, and what moves inside of a nest. */
  private mixAttributes({ words, start, end }: Span, skipped: number, volatile?: Volatile): void {
    let at = start
    // One that is cut is the decoder's matter.
    while (at + ATTRIBUTE_HEADER <= end) {
      const head = words[at >> 2] ?? 0
      const length = head & 0xffff
      if (length < ATTRIBUTE_HEADER || length > end - at) return
      const type = (head >>> 16) & ATTRIBUTE_TYPE
      if (volatile !== undefined && type === volatile.nest)
        this.mixNest({ words, start: at, end: at + length }, volatile)
      else if (type > 31 || ((skipped >>> type) & 1) === 0) this.mix(words, at, at + length)
      at += (length + 3) & ~3
    }
  }

  private mixNest({ words, start, end }: Span, { inside = [] }: Volatile): void {
    let moving = 0
    let data = -1
    let at = start + ATTRIBUTE_HEADER
    while (at + ATTRIBUTE_HEADER <= end) {
      const head = words[at >> 2] ?? 0
      const length = head & 0xffff
      if (length < ATTRIBUTE_HEADER || length > end - at) return
      const type = (head >>> 16) & ATTRIBUTE_TYPE
      if (type === data) this.mixAttributes({ words, start: at + ATTRIBUTE_HEADER, end: at + length }, moving)
      else this.mix(words, at, at + length)
      for (const one of inside) {
        if (one.kind !== type || !says(words, at + ATTRIBUTE_HEADER, one.name)) continue
        data = one.data
        moving = one.attributes
      }
      at += (length + 3) & ~3
    }
  }

  private mix(words: Int32Array, start: number, end: number): void {
    let { high, low } = this
    const stop = (end + 3) >> 2
    for (let at = start >> 2; at < stop; at++) {
      const word = words[at] ?? 0
      high = Math.imul(high ^ word, 0x01000193)
      high ^= high >>> 15
      low = Math.imul((low << 5) ^ (low >>> 27) ^ word, 0x85ebca6b)
    }
    this.high = high
    this.low = low
  }
}

function says(words: Int32Array, start: number, name: Int32Array): boolean {
  for (let index = 0; index < name.length; index++) if (words[(start >> 2) + index] !== name[index]) return false
  return true
}
