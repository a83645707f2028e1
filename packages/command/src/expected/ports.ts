import { type Container, containerId, fwRuleId, recordsOf } from '@hopscope/model'
import { OWN_CHAIN, ownPortText } from '@hopscope/topology'
import { isRunning } from '../plan/containers.ts'
import { findContainer } from '../plan/docker.ts'
import { tableOf } from '../plan/ownChains.ts'
import { reachesOf } from '../plan/portRules.ts'
import { hairpinToTurn, portToPublish, portToUnpublish, rulesOfPort } from '../plan/publishByRules.ts'
import { freeName, type PortCommand, portsAfter } from '../plan/recreate.ts'
import type { Drawn, Sketch } from './sketch.ts'

export const expectedPorts: Drawn<'port.publish' | 'port.unpublish'> = {
  'port.publish'(command, sketch) {
    if (command.by !== 'rules') return recreate(command, sketch)
    const before = sketch.now()
    const { container, port, reaches } = portToPublish(command, before)
    const at = { netns: before.host.rootNetns, family: 'ip', table: 'nat' } as const
    const chain = `${OWN_CHAIN}PREROUTING`
    const rule = { ...at, engine: tableOf(before, at).engine, chain, handle: PLACEHOLDER, position: PLACEHOLDER }
    // The one that a door is known by stands for all of them.
    sketch.put('fwRule', { ...rule, id: fwRuleId(rule), text: '', target: 'DNAT', comment: ownPortText(port) })
    turnHairpin(sketch, { container, reaches }, true)
  },
  'port.unpublish'(command, sketch) {
    if (command.by !== 'rules') return recreate(command, sketch)
    const before = sketch.now()
    const { container, port, isLast } = portToUnpublish(command, before)
    for (const { id } of rulesOfPort(port, before)) sketch.drop('fwRule', id)
    if (isLast) turnHairpin(sketch, { container, reaches: reachesOf(before, container) }, false)
  },
}

/** No kernel gives such a handle. */
const PLACEHOLDER = 4_000_000_000

function turnHairpin(sketch: Sketch, at: Parameters<typeof hairpinToTurn>[1], on: boolean): void {
  const link = hairpinToTurn(sketch.now(), at, on)
  if (link) sketch.put('link', { ...link, port: { ...link.port, hairpin: on } })
}

/** The new container stands where the old one did, which is put aside and stopped. */
function recreate(command: PortCommand, sketch: Sketch): void {
  const before = sketch.now()
  const container = findContainer(before, command.container)
  const requestedPorts = portsAfter(command, container, before)
  const ports = requestedPorts.flatMap(({ hostPort, ...port }) =>
    typeof hostPort === 'number' && hostPort > 0 ? [{ ...port, hostPort }] : [],
  )
  const runs = isRunning(container)
  const { netns: _, pid: __, startedAt: ___, ...rest } = container
  sketch.put('container', {
    ...(runs ? container : { ...rest, state: 'created' }),
    requestedPorts,
    ports: runs ? ports : [],
    attachments: onlyFixed(container),
  })
  sketch.put('container', {
    ...rest,
    id: containerId('expected'),
    containerId: 'expected',
    name: freeName(before, container, 'old'),
    state: runs ? 'exited' : container.state,
    ports: [],
    attachments: onlyFixed(container),
  })
  forgetChosen(sketch, container)
}

/** Addresses that were asked for stay. */
const onlyFixed = ({ attachments }: Container): Container['attachments'] =>
  attachments.map(({ ip, ip6, mac: _, ...at }) => ({
    ...at,
    ...(ip !== undefined && ip === at.fixedIp && { ip }),
    ...(ip6 !== undefined && ip6 === at.fixedIp6 && { ip6 }),
  }))

/** Docker chooses the others anew, and which network is eth0 where there are several. */
function forgetChosen(sketch: Sketch, { netns, attachments }: Container): void {
  const several = attachments.length > 1
  const chosen = attachments.flatMap(({ ip, ip6, fixedIp, fixedIp6 }) => [
    ...(several || ip !== fixedIp ? [ip] : []),
    ...(several || ip6 !== fixedIp6 ? [ip6] : []),
  ])
  for (const { id, netns: at, local } of recordsOf(sketch.now(), 'address'))
    if (netns !== undefined && at === netns && chosen.includes(local)) sketch.drop('address', id)
}
