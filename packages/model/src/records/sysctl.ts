import { z } from 'zod'
import { inNetns, part } from './common.ts'

export const sysctlId = (netns: string): string => `sysctl:${part(netns)}`

const perLink = z.strictObject({
  forwarding4: z.boolean().optional(),
  forwarding6: z.boolean().optional(),
  /** 0 off, 1 strict, 2 loose. */
  rpFilter: z.number().optional(),
  proxyArp: z.boolean().optional(),
})

/** The switches that decide whether and how a namespace forwards. Same as `sysctl net.ipv4.ip_forward` and its neighbours. */
export const sysctlSchema = z.strictObject({
  ...inNetns,
  ipForward: z.boolean().optional(),
  ip6Forwarding: z.boolean().optional(),
  rpFilterAll: z.number().optional(),
  rpFilterDefault: z.number().optional(),
  /** Absent while the br_netfilter module is not loaded. */
  bridgeNfCallIptables: z.boolean().optional(),
  bridgeNfCallIp6tables: z.boolean().optional(),
  bridgeNfCallArptables: z.boolean().optional(),
  /** By ifindex. */
  links: z.record(z.string(), perLink),
})
export type Sysctl = z.infer<typeof sysctlSchema>
