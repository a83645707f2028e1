import { fieldDecoder } from '../../codec/fields.ts'
import type { Reader } from '../../codec/reader.ts'
import { flagNames } from '../names.ts'
import { etherType } from './bridge.ts'

/** A VLAN on top of another link. */
export const readVlan = fieldDecoder({
  1: ['id', 'u16'],
  2: ['flags', vlanFlags],
  3: ['egress_qos', 'skip'],
  4: ['ingress_qos', 'skip'],
  5: ['protocol', etherType],
})
export type VlanData = ReturnType<typeof readVlan>

function vlanFlags(reader: Reader, start: number, end: number): string[] | undefined {
  const flags = reader.u32(start, end)
  return flags === undefined ? undefined : flagNames(flags, FLAGS)
}
const FLAGS: readonly (readonly [number, string])[] = [
  [1, 'REORDER_HDR'],
  [2, 'GVRP'],
  [4, 'LOOSE_BINDING'],
  [8, 'MVRP'],
  [16, 'BRIDGE_BINDING'],
]
