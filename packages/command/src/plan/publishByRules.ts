import { type Container, type FwRule, type HostSnapshot, type Link, recordsOf, sysctlId } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { isOwnRule, type OwnPort, ownPortsIn, ownPortText, publishText } from '@hopscope/topology'
import { type Plan, type Program, type Publication, Refused, type Step } from '../plan.ts'
import { expectLinks, phrase } from './context.ts'
import { confirmOf, expectContainer, findContainer } from './docker.ts'
import { addRules, deleteRules } from './ownChains.ts'
import { hairpinPort, type Reach, reachesOf, rulesOf } from './portRules.ts'
import { hostPortFor, readWanted, type WantedPorts } from './wantedPorts.ts'

/** Publishes a port of a running container with firewall rules of our own, and has the agent keep them. Throws Refused. */
export function publishByRules(command: CommandOf<'port.publish'>, snapshot: HostSnapshot): Plan {
  const { container, port, reaches } = portToPublish(command, snapshot)
  const keep: Publication = { ...port, containerId: container.containerId }
  const steps: Step[] = [
    ...hairpin(snapshot, container, reaches, true),
    ...addRules(snapshot, rulesOf(snapshot, port, reaches)),
    {
      title: phrase('port.keep', { container: container.name }),
      act: { keep },
      undo: [{ withdraw: keep }],
      expects: [],
    },
  ]
  return {
    command,
    title: phrase('port.publish', { container: container.name, publish: publishText(port) }),
    steps: steps.map((step) => ({ ...step, expects: [expectContainer(container), ...step.expects] })),
    lost: [phrase('lost.byRules', {})],
    ...confirmOf(snapshot, container),
  }
}

/** What our rules are to publish, and where it leads. Throws Refused. */
export function portToPublish(
  { container: ref, publish }: CommandOf<'port.publish'>,
  snapshot: HostSnapshot,
): { container: Container; port: OwnPort; reaches: Reach[] } {
  const container = findContainer(snapshot, ref)
  const wanted = readWanted(publish)
  const reaches = requireReach(snapshot, container, wanted)
  const { hostIp, protocol, inside } = wanted
  const [to, last] = inside
  const from = hostPortFor(snapshot, wanted)
  return { container, reaches, port: { container: container.name, hostIp, protocol, from, to, count: last - to + 1 } }
}

/** Takes a port away that our rules publish, and has the agent keep it no longer. Throws Refused. */
export function unpublishByRules(command: CommandOf<'port.unpublish'>, snapshot: HostSnapshot): Plan {
  const { container, port, isLast } = portToUnpublish(command, snapshot)
  const keep: Publication = { ...port, containerId: container.containerId }
  const rules = rulesOfPort(port, snapshot).sort((a, b) => (a.id < b.id ? -1 : 1))
  return {
    command,
    title: phrase('port.unpublish', { container: container.name, publish: publishText(port) }),
    steps: [
      // First, or the agent would put back what is taken away.
      { title: phrase('port.forget', {}), act: { forget: keep }, undo: [{ keep }], expects: [] },
      ...deleteRules(snapshot, rules),
      ...(isLast ? hairpin(snapshot, container, reachesOf(snapshot, container), false) : []),
    ],
    lost: [],
    ...confirmOf(snapshot, container),
  }
}

/** The one of our ports that is meant; `isLast`: the container has no other. Throws Refused. */
export function portToUnpublish(
  { container: ref, publish }: CommandOf<'port.unpublish'>,
  snapshot: HostSnapshot,
): { container: Container; port: OwnPort; isLast: boolean } {
  const container = findContainer(snapshot, ref)
  const wanted = readWanted(publish)
  const mine = ownPortsIn(snapshot)
    .map(({ port }) => port)
    .filter((port) => port.container === container.name)
  const port = mine.find((one) => isMeant(wanted, one))
  if (port === undefined) throw new Refused('NOT_PUBLISHED', { container: container.name, publish }, 'publish')
  return { container, port, isLast: mine.length === 1 }
}

/** The rules that publish it, as they are there. */
export function rulesOfPort(port: OwnPort, snapshot: HostSnapshot): FwRule[] {
  const text = ownPortText(port)
  return recordsOf(snapshot, 'fwRule').filter(
    (rule) => rule.netns === snapshot.host.rootNetns && isOwnRule(rule) && rule.comment === text,
  )
}

/**
 * The bridge port whose hairpin mode changes with the container's first port, or its last: frames to its own published port have to
 * come back to it. Docker does the same where it has no proxy.
 */
export function hairpinToTurn(
  snapshot: HostSnapshot,
  { container, reaches }: { container: Container; reaches: readonly Reach[] },
  on: boolean,
): (Link & { port: NonNullable<Link['port']> }) | undefined {
  const link = hairpinPort(snapshot, container, reaches)
  const [engine] = recordsOf(snapshot, 'dockerEngine')
  if (link?.port === undefined || link.port.hairpin === on || (!on && engine?.userlandProxy === false)) return undefined
  return { ...link, port: link.port }
}

function hairpin(snapshot: HostSnapshot, container: Container, reaches: readonly Reach[], on: boolean): Step[] {
  const link = hairpinToTurn(snapshot, { container, reaches }, on)
  if (link === undefined) return []
  const turn = (word: 'on' | 'off'): Program => turnHairpin(link, word)
  const [word, other] = on ? (['on', 'off'] as const) : (['off', 'on'] as const)
  const title = phrase(`port.hairpin.${word}`, { link: link.name })
  return [{ title, act: turn(word), undo: [{ ...turn(other), mayBeGone: true }], expects: expectLinks([link]) }]
}

export const turnHairpin = (link: { netns: string; name: string }, word: 'on' | 'off'): Program => ({
  place: link.netns,
  argv: ['bridge', 'link', 'set', 'dev', link.name, 'hairpin', word],
})

function requireReach(snapshot: HostSnapshot, container: Container, { hostIp, protocol }: WantedPorts): Reach[] {
  const { name, networkMode } = container
  if (networkMode === 'host' || networkMode === 'none' || networkMode.startsWith('container:'))
    throw new Refused('PORTS_USELESS', { mode: networkMode }, 'container')
  if (container.netns === undefined) throw new Refused('CONTAINER_STOPPED', { container: name }, 'container')
  if (protocol !== 'tcp' && protocol !== 'udp') throw new Refused('SCTP_BY_RULES', {}, 'publish')
  const { rootNetns } = snapshot.host
  if (hostIp === '::1' || hostIp.startsWith('127.'))
    throw new Refused('LOOPBACK_BY_RULES', { address: hostIp }, 'publish')
  const isAny = ['', '0.0.0.0', '::'].includes(hostIp)
  if (!isAny && !recordsOf(snapshot, 'address').some(({ netns, local }) => netns === rootNetns && local === hostIp))
    throw new Refused('ADDRESS_ELSEWHERE', { address: hostIp }, 'publish')
  const reaches = reachesOf(snapshot, container)
  if (rulesOf(snapshot, { container: name, hostIp, protocol, from: 1, to: 1, count: 1 }, reaches).length === 0)
    throw new Refused('NOT_ON_BRIDGE', { container: name }, 'container')
  const [engine] = recordsOf(snapshot, 'dockerEngine')
  if (engine?.firewallBackend?.startsWith('nftables')) throw new Refused('DOCKER_NFTABLES', {}, 'by')
  if (snapshot.records.sysctl[sysctlId(rootNetns)]?.ipForward === false) throw new Refused('FORWARDING_OFF')
  return reaches
}

/** Named as it was published; what is left out there fits anything. */
function isMeant({ hostIp, protocol, host, inside }: WantedPorts, port: OwnPort): boolean {
  return (
    port.protocol === protocol &&
    port.to === inside[0] &&
    port.count === inside[1] - inside[0] + 1 &&
    (hostIp === '' || port.hostIp === hostIp) &&
    (host === undefined || (host[0] <= port.from && port.from <= host[1]))
  )
}
