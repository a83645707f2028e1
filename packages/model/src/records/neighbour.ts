import { z } from 'zod'
import { family, inNetns, part } from './common.ts'

export const neighbourId = (x: { netns: string; index: number; address: string; proxy: boolean }): string =>
  `neigh:${part(x.netns)}:${x.index}:${x.address}${x.proxy ? ':proxy' : ''}`

/** An ARP or NDP entry; `lladdr` is absent while it is INCOMPLETE or FAILED. Same as `ip neigh show`. */
export const neighbourSchema = z.strictObject({
  ...inNetns,
  index: z.number(),
  family,
  address: z.string(),
  lladdr: z.string().optional(),
  /** NONE when no state bit is set. */
  state: z.enum(['INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT', 'NONE']),
  proxy: z.boolean(),
  router: z.boolean(),
  externLearn: z.boolean(),
})
export type Neighbour = z.infer<typeof neighbourSchema>

export const fdbId = (x: {
  netns: string
  index: number
  mac: string
  vlan?: number
  dst?: string
  self: boolean
}): string => `fdb:${part(x.netns)}:${x.index}:${x.mac}:${x.vlan ?? ''}:${x.dst ?? ''}:${x.self ? 's' : 'm'}`

/** A line of a bridge's CAM table (or of a vxlan's forwarding table). Same as `bridge fdb show`. */
export const fdbSchema = z.strictObject({
  ...inNetns,
  /** ifindex of the port the MAC is behind. */
  index: z.number(),
  mac: z.string(),
  /** ifindex of the bridge. */
  master: z.number().optional(),
  vlan: z.number().optional(),
  /** Remote tunnel end (vxlan). */
  dst: z.string().optional(),
  vni: z.number().optional(),
  port: z.number().optional(),
  via: z.number().optional(),
  /** learned: ages out. permanent: the port's own. static: put in by hand. */
  state: z.enum(['learned', 'permanent', 'static']),
  self: z.boolean(),
  externLearn: z.boolean(),
  sticky: z.boolean(),
})
export type Fdb = z.infer<typeof fdbSchema>
