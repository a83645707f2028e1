import type { Flow, HopOf } from '@hopscope/model'
import { hookOfOurs, isOurs, type TraceEvent } from '../events.ts'
import type { Facts } from '../facts.ts'
import { readHeaders } from '../headers.ts'
import type { TracedPacket } from '../packets.ts'
import { bridgeOf, refOf } from './crossing.ts'

/** What a bridge did with a frame: in by this port, out by that one, or up. The reason follows from its CAM table. */
export function bridgeHop(
  { netns, events }: TracedPacket,
  flow: Flow | undefined,
  facts: Facts,
): HopOf<'bridge'> | undefined {
  const ofBridge = events.filter(({ family }) => family === 'bridge')
  const fromHost = ofBridge.some((event) => hookOf(event, facts) === 'output')
  const inPort = fromHost ? undefined : ofBridge.find(({ iif }) => iif !== undefined)?.iif
  const outPort = ofBridge.find(({ oif }) => oif !== undefined)?.oif
  const toHost = ofBridge.some((event) => hookOf(event, facts) === 'input')
  const port = outPort ?? inPort
  const bridge = port === undefined ? undefined : bridgeOf({ netns, index: port, name: '' }, facts)
  if (bridge === undefined) return undefined
  const mac = ofBridge.map((event) => readHeaders(event)?.mac?.dst).findLast((one) => one !== undefined)
  const entry = mac === undefined ? undefined : facts.fdb(refOf(bridge), mac)
  return {
    kind: 'bridge',
    netns,
    basis: 'observed',
    ...(flow && { flow }),
    bridge: refOf(bridge),
    ...(inPort !== undefined && { inPort: facts.ref(netns, inPort) }),
    outPorts: outPort === undefined ? [] : [facts.ref(netns, outPort)],
    toHost,
    how: toHost ? 'local' : outPort === undefined ? 'none' : entry?.index === outPort ? 'known' : 'flooded',
    ...(mac !== undefined && { mac }),
    ...(entry && { fdbId: entry.id }),
  }
}

export const hookOf = (event: TraceEvent, facts: Facts): string | undefined =>
  isOurs(event) ? hookOfOurs(event) : facts.chain(event)?.hook
