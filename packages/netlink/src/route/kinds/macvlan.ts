import { fieldDecoder } from '../../codec/fields.ts'
import type { Reader } from '../../codec/reader.ts'

/** A macvlan or macvtap. Flag "nopromisc": the parent is not made promiscuous for it. */
export const readMacvlan = fieldDecoder({
  1: ['mode', macvlanMode],
  2: ['flags', macvlanFlags],
  3: ['macaddr_mode', 'u32'],
  4: ['macaddr', 'skip'],
  5: ['macaddr_data', macList],
  6: ['macaddr_count', 'u32'],
  7: ['bcqueuelen', 'u32'],
  8: ['usedbcqueuelen', 'u32'],
  9: ['bclim', 'i32'],
})
export type MacvlanData = ReturnType<typeof readMacvlan>

/** An ipvlan or ipvtap. */
export const readIpvlan = fieldDecoder({ 1: ['mode', ipvlanMode], 2: ['flags', ipvlanFlags] })
export type IpvlanData = ReturnType<typeof readIpvlan>

function macvlanMode(reader: Reader, start: number, end: number): string | undefined {
  const mode = reader.u32(start, end)
  return mode === undefined ? undefined : (MACVLAN_MODES[mode] ?? String(mode))
}
const MACVLAN_MODES: Record<number, string> = { 1: 'private', 2: 'vepa', 4: 'bridge', 8: 'passthru', 16: 'source' }

function macvlanFlags(reader: Reader, start: number, end: number): string[] | undefined {
  const flags = reader.u16(start, end)
  return flags === undefined ? undefined : [...(flags & 1 ? ['nopromisc'] : []), ...(flags & 2 ? ['nodst'] : [])]
}

function macList(reader: Reader, start: number, end: number): string[] {
  const macs: string[] = []
  reader.attributes(start, end, (type, from, to) => {
    if (type === 4) macs.push(reader.mac(from, to))
  })
  return macs
}

function ipvlanMode(reader: Reader, start: number, end: number): string | undefined {
  const mode = reader.u16(start, end)
  return mode === undefined ? undefined : (['l2', 'l3', 'l3s'][mode] ?? String(mode))
}

function ipvlanFlags(reader: Reader, start: number, end: number): string[] | undefined {
  const flags = reader.u16(start, end)
  if (flags === undefined) return undefined
  return [flags & 1 ? 'private' : flags & 2 ? 'vepa' : 'bridge']
}
