import { type HostSnapshot, type Link, type Route, recordsOf } from '@hopscope/model'
import { ipOf } from '../argv.ts'
import type { Act } from '../plan.ts'
import { inPlace } from './placing.ts'

/** The words after "ip route add/replace/del" that name a route; `-6` goes before "route". */
export function routeWords(snapshot: HostSnapshot, route: Route): string[] {
  const dev = (oif: number | undefined) => {
    const link = recordsOf(snapshot, 'link').find((one) => one.netns === route.netns && one.index === oif)
    return link ? ['dev', link.name] : []
  }
  const via = (gateway: string | undefined) => {
    if (gateway === undefined) return []
    return route.family === 'inet' && gateway.includes(':') ? ['via', 'inet6', gateway] : ['via', gateway]
  }
  return [
    ...(route.type === 'unicast' ? [] : [route.type]),
    route.dst,
    ...(route.tos ? ['tos', String(route.tos)] : []),
    ...(route.nextHops ? [] : [...via(route.gateway), ...dev(route.oif)]),
    ...(route.prefSrc === undefined ? [] : ['src', route.prefSrc]),
    ...(route.metric === undefined ? [] : ['metric', String(route.metric)]),
    ...(route.table === 254 ? [] : ['table', String(route.table)]),
    ...['proto', route.protocol],
    ...(route.family === 'inet' ? ['scope', route.scope] : []),
    ...(route.flags.includes('onlink') ? ['onlink'] : []),
    ...(route.nextHops ?? []).flatMap((hop) => [
      'nexthop',
      ...via(hop.gateway),
      ...dev(hop.oif),
      ...['weight', String(hop.weight)],
    ]),
  ]
}

/** Routes over a link that somebody wrote, in an order in which each gateway is reachable. */
export function restoreRoutes(snapshot: HostSnapshot, link: Link, placing = inPlace): Act[] {
  const written = routesOver(snapshot, link).filter(
    (route) => route.protocol !== 'kernel' && route.table !== 255 && !isLearned(route),
  )
  // A gateway is reached over another route.
  const order = (route: Route) => Number(route.gateway !== undefined || route.nextHops !== undefined)
  return written
    .sort((a, b) => order(a) - order(b))
    .map((route) => ({
      place: placing(link.netns),
      argv: [...ipOf(route.family, 'route'), 'replace', ...routeWords(snapshot, route)],
    }))
}

export const routesOver = (snapshot: HostSnapshot, { netns, index }: Link): Route[] =>
  recordsOf(snapshot, 'route').filter(
    (route) => route.netns === netns && (route.oif === index || route.nextHops?.some(({ oif }) => oif === index)),
  )

export const isLearned = ({ protocol }: Route): boolean =>
  protocol === 'ra' || protocol === 'redirect' || protocol === 'dhcp'
