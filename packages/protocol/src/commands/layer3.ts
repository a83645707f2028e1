import { z } from 'zod'
import { cidr, destination, ip, linkRef, mac, metric, netnsRef, newNetnsName } from './fields.ts'

const at = { netns: netnsRef, link: linkRef }
const route = {
  netns: netnsRef,
  dst: destination,
  via: ip.optional(),
  link: linkRef.optional(),
  metric: metric.optional(),
  table: z.number().int().min(1).max(4_294_967_295).default(254),
}

export const layer3Commands = [
  z.strictObject({ do: z.literal('address.add'), ...at, address: cidr }),
  z.strictObject({ do: z.literal('address.delete'), ...at, address: cidr }),
  z.strictObject({
    do: z.literal('route.add'),
    ...route,
    type: z.enum(['unicast', 'blackhole', 'unreachable', 'prohibit']).default('unicast'),
  }),
  z.strictObject({ do: z.literal('route.delete'), ...route }),
  z.strictObject({ do: z.literal('route.replaceDefault'), netns: netnsRef, via: ip, link: linkRef.optional() }),
  z.strictObject({ do: z.literal('neighbour.add'), ...at, address: ip, mac }),
  z.strictObject({ do: z.literal('neighbour.delete'), ...at, address: ip }),
  z.strictObject({ do: z.literal('neighbour.flush'), ...at }),
  z.strictObject({ do: z.literal('fdb.add'), ...at, mac }),
  z.strictObject({ do: z.literal('fdb.delete'), ...at, mac }),
  z.strictObject({ do: z.literal('fdb.flush'), netns: netnsRef, bridge: linkRef }),
  z.strictObject({ do: z.literal('netns.add'), name: newNetnsName }),
  z.strictObject({ do: z.literal('netns.delete'), name: newNetnsName }),
  z.strictObject({
    do: z.literal('sysctl.set'),
    netns: netnsRef,
    key: z.enum(['ip_forward', 'ipv6_forwarding', 'bridge-nf-call-iptables', 'rp_filter', 'proxy_arp']),
    /** For rp_filter and proxy_arp: the link; all links and future ones when left out. */
    link: linkRef.optional(),
    /** 0 or 1; rp_filter also 2, loose. */
    value: z.number().int().min(0).max(2),
  }),
] as const
