import { z } from 'zod'
import { ip, linkRef, mac, mtu, netnsRef, newLinkName } from './fields.ts'

const at = { netns: netnsRef, link: linkRef }

export const linkCommands = [
  z.strictObject({ do: z.literal('link.up'), ...at }),
  z.strictObject({ do: z.literal('link.down'), ...at }),
  z.strictObject({ do: z.literal('link.rename'), ...at, to: newLinkName }),
  z.strictObject({ do: z.literal('link.mtu'), ...at, mtu }),
  z.strictObject({ do: z.literal('link.mac'), ...at, mac }),
  z.strictObject({ do: z.literal('link.promisc'), ...at, on: z.boolean() }),
  z.strictObject({ do: z.literal('link.move'), ...at, to: netnsRef }),
  z.strictObject({ do: z.literal('link.attach'), ...at, bridge: linkRef }),
  z.strictObject({ do: z.literal('link.detach'), ...at }),
  z.strictObject({ do: z.literal('link.delete'), ...at }),
  z.strictObject({
    do: z.literal('veth.create'),
    netns: netnsRef,
    name: newLinkName,
    peer: z.strictObject({ netns: netnsRef, name: newLinkName }),
  }),
  z.strictObject({ do: z.literal('bridge.create'), netns: netnsRef, name: newLinkName, stp: z.boolean().optional() }),
  z.strictObject({
    do: z.literal('macvlan.create'),
    netns: netnsRef,
    name: newLinkName,
    parent: linkRef,
    mode: z.enum(['bridge', 'private', 'vepa', 'passthru']).default('bridge'),
  }),
  z.strictObject({
    do: z.literal('vxlan.create'),
    netns: netnsRef,
    name: newLinkName,
    vni: z.number().int().min(1).max(16_777_215),
    port: z.number().int().min(1).max(65_535).default(4789),
    parent: linkRef.optional(),
    local: ip.optional(),
    remote: ip.optional(),
  }),
  z.strictObject({ do: z.literal('dummy.create'), netns: netnsRef, name: newLinkName }),
] as const
