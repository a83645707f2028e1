import { useQueryState } from 'nuqs'
import { z } from 'zod'
import { jsonInAddress } from '../../shell/json.ts'

const text = z.string().max(300)
const packetsInAddress = z.strictObject({
  hostId: z.string().max(200),
  /** As they were typed, right or not: a reload loses nothing. */
  from: text,
  to: text,
  protocol: z.enum(['tcp', 'udp', 'icmp', 'arp']),
  port: text,
  /** The hop that is looked at, counted from 0 over both ways. */
  hop: z.number().int().min(0).max(10_000).optional(),
  /** Real packets are watched instead, by this filter. */
  watch: z.string().max(500).optional(),
  /** Of those, the one that is looked at, counted from 0. */
  packet: z.number().int().min(0).max(10_000).optional(),
  /** They are the ones that this browser keeps under this name. */
  kept: z.string().max(300).optional(),
  /** The next hop is guessed before it is shown. */
  lesson: z.literal(true).optional(),
})
export type OpenPackets = z.infer<typeof packetsInAddress>

/** The same pane with other packets, none of which is looked at yet. */
export function ofOther({ packet: _, hop: __, kept: ___, ...rest }: OpenPackets, kept?: string): OpenPackets {
  return { ...rest, ...(kept !== undefined && { kept }) }
}

const parser = jsonInAddress(packetsInAddress, 4_000)

/** The packet that is followed, kept in the address (`?packets=`), so that it can be passed on as well; null: the pane is closed. */
export const useOpenPackets = () => useQueryState('packets', parser)
