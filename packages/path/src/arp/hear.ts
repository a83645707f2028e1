import type { Link } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { type Ip, ipText } from '../ip.ts'
import type { Packet } from '../packet.ts'
import { lookUp } from '../steps/fib.ts'
import { answersForOthers } from '../steps/neighbour.ts'
import { type Passed, passArpChains, passDevice } from '../steps/netfilter.ts'
import { checkSource } from '../steps/source.ts'
import { dropped, type End, note, predicted, refOf, spaceOf, unsure, type Walk } from '../walk.ts'

type Heard = { link: Link; lifted: boolean; address: Ip }

/** Takes a frame of ARP in at a link; `lifted`: a bridge hands it up to its own link, which says so itself. */
export function takeIn(walk: Walk, packet: Packet, { link, lifted }: Omit<Heard, 'address'>): Passed {
  const space = spaceOf(walk, link.netns)
  // It is not looked at there, by no hook either.
  if (link.flags.includes('NOARP'))
    return { end: dropped({ reason: 'NO_ARP', netns: space.id, blame: link.id, what: link.name }) }
  if (!lifted) note(walk, { ...predicted(link.netns), kind: 'arrive', link: refOf(link) })
  const entered = passDevice(walk, packet, { space, hook: 'ingress', link, iif: link })
  if ('end' in entered) return entered
  return passArpChains(walk, entered.packet, { space, hook: 'input', iif: link })
}

/** Lets a namespace hear a question; undefined when it answers, else why not. */
export function hear(walk: Walk, packet: Packet, heard: Heard): End | undefined {
  const { link } = heard
  const passed = takeIn(walk, packet, heard)
  if ('end' in passed) return passed.end
  return silence(spaceOf(walk, link.netns), heard, packet.src)
}

/** It answers for its own addresses, whichever link they are at, and as a proxy; and only whom it believes. */
function silence(space: NetnsIndex, { link, address }: Heard, asker: Ip): End | undefined {
  const key = { dst: address, src: asker, iif: link.name, mark: 0, protocol: 'arp' }
  const found = lookUp(space, key)
  if ('doubt' in found) return unsure(space.id, found.doubt, found.blame)
  if (found.result !== 'local' && !answersForOthers(space, link, address))
    return dropped({ reason: 'NO_SUCH_ADDRESS', netns: space.id, blame: link.id, what: ipText(address) })
  const check = checkSource(space, link, { src: asker, dst: address, mark: 0, protocol: 'arp' })
  if (check === 'ok') return undefined
  if (typeof check === 'object') return unsure(space.id, check.doubt, link.id)
  const reason = check === 'martian' ? ('MARTIAN' as const) : ('RP_FILTER' as const)
  return dropped({ reason, netns: space.id, blame: link.id, what: ipText(asker) })
}
