import type { Link, PathReason } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import type { Family } from '../ip.ts'
import type { Crossing } from './segment.ts'

/** Why a frame does not get on, and whose doing it is. */
export type Block = { reason: PathReason; netns: string; blame: string; what: string }

export const isUp = (link: Link): boolean => link.flags.includes('UP')
const hasCarrier = (link: Link): boolean => link.flags.includes('LOWER_UP')

const blockAt = (reason: PathReason, link: Link): Block => ({
  reason,
  netns: link.netns,
  blame: link.id,
  what: link.name,
})

/** A link that sends: it has to be up, and the other end of its cable as well. */
export function cannotSend(link: Link): Block | undefined {
  if (!isUp(link)) return blockAt('LINK_DOWN', link)
  // A bridge has a carrier as long as one of its ports has; what it sends itself waits for none.
  if (!hasCarrier(link) && link.info.kind !== 'bridge') return blockAt('NO_CARRIER', link)
  return undefined
}

/** A crossing that lets no frame pass; `length` is the packet's. */
export function blocked(crossing: Crossing, length: number): Block | undefined {
  switch (crossing.kind) {
    case 'veth': {
      const { from, to } = crossing
      if (!isUp(to)) return blockAt('LINK_DOWN', to)
      return cannotSend(from) ?? (length > to.mtu ? blockAt('MTU', to) : undefined)
    }
    case 'macvlan':
      if (!isUp(crossing.to)) return blockAt('LINK_DOWN', crossing.to)
      return isUp(crossing.from) ? undefined : blockAt('LINK_DOWN', crossing.from)
    case 'bridge':
      return bridgeBlock(crossing, length)
  }
}

function bridgeBlock(
  { bridge, inPort, outPort }: Extract<Crossing, { kind: 'bridge' }>,
  length: number,
): Block | undefined {
  if (!isUp(bridge)) return blockAt('LINK_DOWN', bridge)
  if (inPort?.port && inPort.port.state !== 'forwarding') return blockAt('PORT_NOT_FORWARDING', inPort)
  if (!outPort) return undefined
  const down = cannotSend(outPort)
  if (down) return down
  if (outPort.port && outPort.port.state !== 'forwarding') return blockAt('PORT_NOT_FORWARDING', outPort)
  if (inPort?.port?.isolated && outPort.port?.isolated) return blockAt('ISOLATED_BRIDGE_PORT', outPort)
  return length > outPort.mtu ? blockAt('MTU', outPort) : undefined
}

/** The first crossing of a way that lets no frame pass. */
export function firstBlock(way: readonly Crossing[], length: number): Block | undefined {
  for (const crossing of way) {
    const block = blocked(crossing, length)
    if (block) return block
  }
  return undefined
}

/** What on a way is not followed: VLANs on a bridge, a queue that loses or delays. */
export function strangeOn(way: readonly Crossing[]): { what: string; blame: string } | undefined {
  for (const crossing of way) {
    if (crossing.kind !== 'bridge') continue
    const { bridge } = crossing
    if (bridge.info.kind === 'bridge' && bridge.info.vlanFiltering)
      return { what: `VLANs on ${bridge.name}`, blame: bridge.id }
  }
  return undefined
}

const HARMLESS_QUEUES: ReadonlySet<string> = new Set(
  'noqueue noop fq_codel fq pfifo pfifo_fast bfifo mq mqprio codel sfq htb prio cake'.split(' '),
)
/** A queue that may lose what it is given. */
export const strangeQueue = (link: Link): string | undefined =>
  HARMLESS_QUEUES.has(link.qdisc) ? undefined : `the queue ${link.qdisc} of ${link.name}`

/** Whether iptables (ip6tables) sees frames on a bridge, by the switch of its namespace or its own: either is enough. */
export function callsIptables({ sysctl }: NetnsIndex, { info }: Link, family: Family): boolean {
  const own = info.kind === 'bridge' ? info : undefined
  if (family === 'inet6') return sysctl?.bridgeNfCallIp6tables === true || own?.nfCallIp6tables === true
  return sysctl?.bridgeNfCallIptables === true || own?.nfCallIptables === true
}
