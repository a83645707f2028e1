import { fieldDecoder } from '../../codec/fields.ts'
import type { Reader } from '../../codec/reader.ts'

/** A tun or tap device; `user` and `group` are numeric ids, absent when it is nobody's. */
export const readTun = fieldDecoder({
  1: ['user', 'u32'],
  2: ['group', 'u32'],
  3: ['type', tunType],
  4: ['pi', 'bool'],
  5: ['vnet_hdr', 'bool'],
  6: ['persist', 'bool'],
  7: ['multi_queue', 'bool'],
  8: ['numqueues', 'u32'],
  9: ['numdisabled', 'u32'],
})
export type TunData = ReturnType<typeof readTun>

function tunType(reader: Reader, start: number, end: number): string | undefined {
  const type = reader.u8(start, end)
  return type === undefined ? undefined : ({ 1: 'tun', 2: 'tap' }[type] ?? String(type))
}
