import { readdirSync, readFileSync } from 'node:fs'
import { type Message, Reader } from '../src/codec/reader.ts'
import { type Captured, DECODERS, type DecoderName } from './decoders.ts'

export type CapturedMessage = Captured & { name: DecoderName; bytes: Buffer }

/** Every captured message, with the decoder it belongs to. */
export function capturedMessages(): CapturedMessage[] {
  const directory = new URL('captured/', import.meta.url)
  return readdirSync(directory).flatMap((file) => {
    const name = file.replace('.json', '')
    if (!isDecoder(name)) throw new Error(`no decoder for ${file}`)
    // Written by record.ts in this very shape.
    const messages = JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as Captured[]
    return messages.map((message) => ({ ...message, name, bytes: Buffer.from(message.payload, 'hex') }))
  })
}

/** Decodes a payload that is all there is: a read beyond its end throws. */
export function decodeBytes(
  { name, type, flags }: Pick<CapturedMessage, 'name' | 'type' | 'flags'>,
  bytes: Buffer,
): { record: unknown; reader: Reader } {
  const reader = new Reader(bytes)
  const message: Message = { type, flags, sequence: 1, start: 0, end: bytes.length }
  return { record: DECODERS[name](reader, message), reader }
}

function isDecoder(name: string): name is DecoderName {
  return name in DECODERS
}
