import { z } from 'zod'
import { inNetns } from './common.ts'

const n = z.number()
const onOff = z.boolean()

/** What a link's kind adds to it: `ip -d link show`. Kinds without facts of their own are `other`. */
export const linkInfoSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('device') }), // no IFLA_LINKINFO: hardware, or lo
  z.strictObject({ kind: z.literal('veth') }),
  z.strictObject({ kind: z.literal('dummy') }),
  z.strictObject({
    kind: z.literal('bridge'),
    bridgeId: z.string(),
    rootId: z.string(),
    rootPort: n,
    rootPathCost: n.optional(),
    priority: n,
    stp: onOff,
    /** Seconds. */
    ageingTime: n,
    forwardDelay: n,
    helloTime: n,
    maxAge: n,
    vlanFiltering: onOff,
    multicastSnooping: onOff.optional(),
    groupForwardMask: n.optional(),
    nfCallIptables: onOff.optional(),
    nfCallIp6tables: onOff.optional(),
    nfCallArptables: onOff.optional(),
  }),
  z.strictObject({ kind: z.literal('macvlan'), mode: z.string() }),
  z.strictObject({ kind: z.literal('macvtap'), mode: z.string() }),
  z.strictObject({ kind: z.literal('ipvlan'), mode: z.string(), flag: z.string().optional() }),
  z.strictObject({ kind: z.literal('vlan'), vlanId: n, protocol: z.string() }),
  z.strictObject({
    kind: z.literal('vxlan'),
    vni: n,
    group: z.string().optional(),
    remote: z.string().optional(),
    local: z.string().optional(),
    /** ifindex of the underlay link, in the vxlan's link namespace. */
    underlay: n.optional(),
    port: n,
    learning: onOff,
    proxy: onOff.optional(),
    l2miss: onOff.optional(),
    l3miss: onOff.optional(),
    ageing: n.optional(),
    ttl: n.optional(),
  }),
  z.strictObject({
    kind: z.literal('tun'),
    type: z.enum(['tun', 'tap']),
    persist: onOff.optional(),
    owner: n.optional(),
  }),
  z.strictObject({ kind: z.literal('wireguard') }),
  z.strictObject({ kind: z.literal('other'), name: z.string() }),
])
export type LinkInfo = z.infer<typeof linkInfoSchema>

/** What being a bridge's port adds to a link: `bridge -d link show`. */
export const bridgePortSchema = z.strictObject({
  state: z.enum(['disabled', 'listening', 'learning', 'forwarding', 'blocking', 'unknown']),
  portNo: n,
  portId: z.string().optional(),
  cost: n,
  priority: n,
  hairpin: onOff,
  guard: onOff,
  rootBlock: onOff,
  fastLeave: onOff,
  learning: onOff,
  flood: onOff,
  isolated: onOff,
})
export type BridgePort = z.infer<typeof bridgePortSchema>

/** A network interface, structure only; its counters travel apart. Same as `ip -d link show dev NAME`. */
export const linkSchema = z.strictObject({
  ...inNetns,
  index: n,
  name: z.string(),
  altNames: z.array(z.string()),
  alias: z.string().optional(),
  /** ARPHRD name as iproute2 prints it: ether, loopback, none… */
  type: z.string(),
  /** Names as `ip` prints them between the angle brackets: UP, LOWER_UP, PROMISC… */
  flags: z.array(z.string()),
  mtu: n,
  qdisc: z.string(),
  txQueueLen: n,
  operState: z.string(),
  address: z.string().optional(),
  broadcast: z.string().optional(),
  permAddress: z.string().optional(),
  promiscuity: n,
  group: z.string(),
  /** ifindex of the bridge, bond… it is a port of, same namespace. */
  master: n.optional(),
  /** ifindex of the peer (veth) or of the lower link (macvlan, vlan…): the number after `@if`. */
  iflink: n.optional(),
  /** The namespace in which `iflink` counts: absent = this one, null = one the agent cannot see. */
  linkNetns: z.string().nullable().optional(),
  /** What the kernel tells of a peer whose namespace the agent cannot see. */
  ghostPeer: z.strictObject({ name: z.string(), address: z.string().optional() }).optional(),
  info: linkInfoSchema,
  port: bridgePortSchema.optional(),
})
export type Link = z.infer<typeof linkSchema>
