import type { Flow, HopOf } from '@hopscope/model'
import type { Facts } from '../facts.ts'
import type { Headers } from '../headers.ts'

type Chosen = {
  netns: string
  hook: string
  flow: Flow | undefined
  iif: number | undefined
  oif: number | undefined
}

/** Which way it was sent, told by the hook that came next; by which route follows from the snapshot. */
export function routeHop({ netns, hook, flow, iif, oif }: Chosen, facts: Facts): HopOf<'route'> | undefined {
  if (flow === undefined) return undefined
  // What came over lo keeps the route that it was sent by.
  if (hook === 'input' && facts.link(netns, iif)?.type === 'loopback') return undefined
  const common = { kind: 'route' as const, netns, basis: 'inferred' as const, flow }
  const out = oif === undefined ? undefined : facts.link(netns, oif)
  if (hook === 'input' || out?.type === 'loopback') return { ...common, result: 'local' }
  if (oif === undefined) return undefined
  const hop: HopOf<'route'> = { ...common, result: 'unicast', out: facts.ref(netns, oif) }
  const route = facts.route(netns, flow.dst, oif)
  if (route === undefined) return hop
  const { id, dst, table, gateway, prefSrc } = route
  return {
    ...hop,
    routeId: id,
    dst,
    table,
    ...(gateway !== undefined && { gateway }),
    ...(prefSrc !== undefined && { prefSrc }),
  }
}

type Sent = { netns: string; flow: Flow | undefined; oif: number | undefined; mac: Headers['mac'] }

/** Whose MAC address the frame was for, where the link has such addresses. */
export function neighbourHop({ netns, flow, oif, mac }: Sent, facts: Facts): HopOf<'neighbour'> | undefined {
  const link = facts.link(netns, oif)
  if (flow === undefined || link === undefined || link.type !== 'ether') return undefined
  const ref = facts.ref(netns, link.index)
  const address = facts.route(netns, flow.dst, link.index)?.gateway ?? flow.dst
  const known = facts.neighbour(ref, address)
  const lladdr = mac?.dst ?? known?.lladdr
  return {
    kind: 'neighbour',
    netns,
    basis: mac === undefined ? 'inferred' : 'observed',
    link: ref,
    address,
    how: known?.lladdr !== undefined ? 'known' : known?.state === 'FAILED' ? 'failed' : 'asked',
    ...(lladdr !== undefined && { lladdr }),
    ...(known && { neighbourId: known.id }),
  }
}
