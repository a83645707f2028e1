import { z } from 'zod'
import { dockerRef } from './commands/docker.ts'
import { cidr, ip, netnsRef, newLinkName, newNetnsName } from './commands/fields.ts'

/** Gives a container without a network its network by hand: a bridge, a cable, an address, a way out. */
export const handmadeSchema = z.strictObject({
  guide: z.literal('handmade'),
  container: dockerRef,
  /** Of the host; it is made when it is not there. */
  bridge: newLinkName,
  /** What the container gets: 10.88.1.2/24. */
  address: cidr,
  gateway: ip,
  /** The bridge itself is the gateway, and gets that address. */
  gatewayHere: z.boolean().default(true),
  /** The cable's end on the host, and what the other end is called until it is in the container. */
  link: newLinkName,
  peer: newLinkName,
  /** What it is called in the container. */
  name: newLinkName.default('eth0'),
  /** It reaches what lies beyond the host, which stands in for it there (NAT). */
  outside: z.boolean().default(false),
  /** Frames that stay within a bridge do not meet the host's firewall any more. */
  passes: z.boolean().default(false),
})

const side = z.strictObject({
  /** Of the host; it is made when it is not there. */
  bridge: newLinkName,
  /** The router's, in this segment. */
  address: cidr,
  /** The cable's end on the host, and its end in the router. */
  link: newLinkName,
  name: newLinkName,
  /** Namespaces of this segment that are told the way to the other one. */
  hosts: z.array(netnsRef).max(20).default([]),
})

/** Joins two segments by a router: a namespace or container with a leg in each, and forwarding on. */
export const routerSchema = z.strictObject({
  guide: z.literal('router'),
  /** A namespace or a container; without one of that name, a namespace is made. */
  router: newNetnsName,
  left: side,
  right: side,
  passes: z.boolean().default(false),
})

/** What a guided sequence of commands needs to know. */
export const guideSchema = z.discriminatedUnion('guide', [handmadeSchema, routerSchema])
export type GuideInputs = z.infer<typeof guideSchema>
export type GuideName = GuideInputs['guide']
export type Handmade = z.infer<typeof handmadeSchema>
export type Router = z.infer<typeof routerSchema>
export type RouterSide = Router['left']

export const GUIDE_NAMES: readonly GuideName[] = guideSchema.options.map((option) => option.shape.guide.value)
