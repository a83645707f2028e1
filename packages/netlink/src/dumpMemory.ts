import type { Message, Reader } from './codec/reader.ts'
import { type DumpMemory, DumpPrint, type Volatile } from './dumpPrint.ts'

export type { DumpMemory, Volatile } from './dumpPrint.ts'

/** Stands for the records of a dump that says what it said before. */
export const UNCHANGED: never[] = []

const MESSAGE_HEADER = 16

/** The messages of a dump, kept until it is known whether they say anything new. All dumps share the bytes: use one at a time. */
export class Pile {
  private used = 0
  private readonly print = new DumpPrint()

  clear(): void {
    this.used = 0
    this.print.clear()
  }

  add(reader: Reader, { start, end }: Message, volatile: Volatile | undefined): void {
    const from = start - MESSAGE_HEADER
    const at = this.used
    this.used += (end - from + 3) & ~3
    if (this.used > bytes.length) grow(this.used)
    reader.bytes.copy(bytes, at, from, end)
    bytes.fill(0, at + end - from, this.used)
    this.print.add(words, at + MESSAGE_HEADER, at + end - from, volatile)
  }

  /** True when the memory is of the same messages; remembers these if not. */
  matches(memory: DumpMemory): boolean {
    if (this.print.matches(memory)) return true
    this.print.keep(memory)
    return false
  }

  messages(reader: Reader, visit: (message: Message) => void): void {
    reader.bytes = bytes
    reader.messages(0, this.used, visit)
  }
}

let bytes = Buffer.from(new ArrayBuffer(1 << 18))
let words = new Int32Array(bytes.buffer)

function grow(size: number): void {
  const larger = Buffer.from(new ArrayBuffer(1 << Math.ceil(Math.log2(size))))
  bytes.copy(larger)
  bytes = larger
  words = new Int32Array(bytes.buffer)
}
