import { z } from 'zod'
import { family, inNetns, part } from './common.ts'

export const nextHopSchema = z.strictObject({
  gateway: z.string().optional(),
  /** ifindex of the outgoing link. */
  oif: z.number().optional(),
  weight: z.number(),
  flags: z.array(z.string()),
})

/** A route of any table. `dst` is 'default' or a prefix. Same as `ip route show table all`. */
export const routeSchema = z.strictObject({
  ...inNetns,
  family,
  /** unicast, local, broadcast, blackhole, unreachable, prohibit… */
  type: z.string(),
  dst: z.string(),
  src: z.string().optional(),
  tos: z.number().optional(),
  /** Number of the table: 254 main, 255 local, 253 default. */
  table: z.number(),
  /** kernel, boot, static, dhcp… */
  protocol: z.string(),
  scope: z.string(),
  prefSrc: z.string().optional(),
  metric: z.number().optional(),
  gateway: z.string().optional(),
  oif: z.number().optional(),
  iif: z.number().optional(),
  flags: z.array(z.string()),
  nextHops: z.array(nextHopSchema).optional(),
  nextHopId: z.number().optional(),
})
export type Route = z.infer<typeof routeSchema>

export const routeId = (r: Omit<Route, 'id'>): string =>
  `route:${part(r.netns)}:${[r.family, r.table, r.type, r.dst, r.src ?? '', r.tos ?? 0, r.metric ?? 0, r.gateway ?? '', r.oif ?? r.nextHops?.map((h) => `${h.gateway ?? ''}@${h.oif ?? ''}`).join('+') ?? ''].join(':')}`

/** A policy rule. Same as `ip rule show`. */
export const policyRuleSchema = z.strictObject({
  ...inNetns,
  family,
  priority: z.number(),
  /** lookup (with `table`), goto, nop, blackhole, unreachable, prohibit. */
  action: z.string(),
  table: z.number().optional(),
  not: z.boolean().optional(),
  src: z.string().optional(),
  dst: z.string().optional(),
  iif: z.string().optional(),
  oif: z.string().optional(),
  fwmark: z.number().optional(),
  fwmask: z.number().optional(),
  ipProto: z.string().optional(),
  sport: z.string().optional(),
  dport: z.string().optional(),
  uidRange: z.string().optional(),
  suppressPrefixLength: z.number().optional(),
  gotoPriority: z.number().optional(),
})
export type PolicyRule = z.infer<typeof policyRuleSchema>

/** Two rules may share a priority, so every selector is part of the id. */
export const policyRuleId = (r: Omit<PolicyRule, 'id'>): string => {
  const { netns, family: f, priority, ...selectors } = r
  const rest = Object.entries(selectors)
    .filter(([, v]) => v !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `rule:${part(netns)}:${f}:${priority}:${rest.map(([k, v]) => `${k}=${v}`).join(',')}`
}
