import { type DecodeTally, type Message, Reader } from './codec/reader.ts'
import { type DumpMemory, DumpPrint, type Volatile } from './dumpPrint.ts'

export type { DumpMemory, Volatile } from './dumpPrint.ts'

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

  /** The messages, until the next dump. */
  contents(): Buffer {
    return bytes.subarray(0, this.used)
  }
}

type Decode<T> = (reader: Reader, message: Message) => T | undefined

/** A dump that is not decoded yet: read it, or begin its steps, before the next one. */
export class RawDump<T> {
  private readonly bytes: Buffer
  private readonly decode: Decode<T>
  private readonly tally: DecodeTally

  constructor(bytes: Buffer, decode: Decode<T>, tally: DecodeTally) {
    this.bytes = bytes
    this.decode = decode
    this.tally = tally
  }

  /** Makes something else of each record, or leaves it out. */
  map<U>(make: (record: T) => U | undefined): RawDump<U> {
    const decode: Decode<U> = (reader, message) => {
      const record = this.decode(reader, message)
      return record && make(record)
    }
    return new RawDump(this.bytes, decode, this.tally)
  }

  isLongerThan(messages: number): boolean {
    return this.after(0, messages) < this.bytes.length
  }

  records(): T[] {
    const records: T[] = []
    this.add(records, 0, this.bytes.length)
    return records
  }

  /** All records, so many messages in each step; the bytes are copied, so that they can be taken at any later time. */
  inSteps(messages: number): Generator<void, T[]> {
    return new RawDump(Buffer.from(this.bytes), this.decode, this.tally).steps(messages)
  }

  private *steps(messages: number): Generator<void, T[]> {
    const records: T[] = []
    for (let at = 0; at < this.bytes.length; ) {
      if (at > 0) yield
      const to = this.after(at, messages)
      this.add(records, at, to)
      at = to
    }
    return records
  }

  private add(records: T[], from: number, to: number): void {
    const reader = new Reader(this.bytes, this.tally)
    reader.messages(from, to, (message) => {
      const record = this.decode(reader, message)
      if (record !== undefined) records.push(record)
    })
  }

  /** Where the message that follows so many others begins. */
  private after(from: number, messages: number): number {
    let at = from
    for (let left = messages; left > 0 && at < this.bytes.length; left--) at += (this.bytes.readUInt32LE(at) + 3) & ~3
    return at
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
