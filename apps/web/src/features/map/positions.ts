import { compact, emptySticky, type Layout, layoutRack, type StickyLayout, type Topology } from '@hopscope/topology'
import { z } from 'zod'

const rackSchema = z.object({
  x: z.number(),
  y: z.number(),
  rail: z.number(),
  bay: z.boolean(),
  barW: z.number(),
  boxW: z.number().positive(),
  gutter: z.number(),
  slotH: z.number().positive(),
  columns: z.array(z.number()),
  slots: z.array(z.array(z.string().nullable())),
  folded: z.boolean(),
})
const leftSchema = z.object({
  width: z.number().positive(),
  columns: z.array(
    z.object({ wall: z.boolean(), slots: z.array(z.object({ id: z.string().nullable(), kind: z.string() })) }),
  ),
})
const hostSchema = z.object({
  y: z.number(),
  h: z.number(),
  width: z.number(),
  racks: z.record(z.string(), rackSchema),
  left: leftSchema.optional(),
})
const stickySchema: z.ZodType<StickyLayout> = z.object({
  version: z.literal(2),
  hosts: z.record(z.string(), hostSchema),
})

/** Kept places, from what was saved; undefined when that is nothing, or of another version. */
export function readPlaces(text: string | undefined): StickyLayout | undefined {
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (e) {
    console.info('The saved places of the map are not readable and are made anew:', e)
    return undefined
  }
  return stickySchema.safeParse(value).data
}

export type Placer = {
  /** Where everything stands; whoever was there before stays where it was, unless `arrangement` is another number. */
  place: (topology: Topology, arrangement?: number) => Layout
  /** Where everything would stand; nothing is kept of it. */
  imagine: (topology: Topology) => Layout
  /** The places to keep for the next time. */
  places: () => StickyLayout
}

/** Remembers from call to call where things stand, starting from kept places. */
export function createPlacer(kept: StickyLayout = emptySticky()): Placer {
  let sticky = kept
  let last = 0
  let begun = false
  return {
    place: (topology, arrangement = 0) => {
      if (arrangement !== last) sticky = emptySticky()
      else if (!begun && topology.nodes.length > 0) sticky = compact(sticky, topology)
      begun ||= topology.nodes.length > 0
      last = arrangement
      const placed = layoutRack(topology, sticky)
      // A host that is not shown now keeps its places for when it is again.
      sticky = { version: 2, hosts: { ...sticky.hosts, ...placed.sticky.hosts } }
      return placed.layout
    },
    imagine: (topology) => layoutRack(topology, sticky).layout,
    places: () => sticky,
  }
}
