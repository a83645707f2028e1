import type { Link } from '@hopscope/model'
import type { NetnsIndex } from './host/hostIndex.ts'
import { familyOf, type Ip, inside, ipText, isInet6, isLinkLocal, toIp } from './ip.ts'
import { flowOf, type Packet } from './packet.ts'
import { undiscovered } from './steps/discovery.ts'
import { lookUp } from './steps/fib.ts'
import { follow } from './steps/frame.ts'
import { type Aim, owns } from './steps/neighbour.ts'
import { receive } from './steps/receive.ts'
import { type Segment, segmentFrom, segmentInto } from './steps/segment.ts'
import type { Outgoing } from './steps/send.ts'
import { cannotSend, firstBlock } from './steps/wire.ts'
import { dropped, type End, note, predicted, refOf, spaceOf, unsure, type Walk } from './walk.ts'

/** Some machine on the internet: an address that is kept for documentation. */
const STRANGER = { inet: '203.0.113.10', inet6: '2001:db8:ffff::10' } as const
const strangerTo = (dst: Ip): Ip => toIp(STRANGER[familyOf(dst)]) ?? dst

/** Lets a packet come in at a NIC: the one that is named, or that of the default route. */
export function fromOutside(walk: Walk, outgoing: Outgoing, id: string | undefined): End {
  const root = spaceOf(walk, walk.host.snapshot.host.rootNetns)
  const link = id === undefined ? defaultNic(walk, root, outgoing.dst) : walk.host.snapshot.records.link[id]
  if (!link) return unsure(root.id, 'a link that leads outside')
  const segment = segmentInto(walk.host, link)
  const router = routerAt(walk, link)
  const space = spaceOf(walk, router.netns)
  const src = outgoing.src ?? stranger(walk, space, router, outgoing.dst)
  if (src === undefined) return unsure(space.id, 'an address of the sender')
  const packet: Packet = { ...outgoing, src, local: false, far: true }
  const down = cannotSend(link)
  if (down) return dropped(down)
  note(walk, { ...predicted(link.netns), kind: 'arrive', link: refOf(link), flow: flowOf(packet) })
  const aim = aimFor(walk, { segment, router, space }, packet.dst)
  if ('outcome' in aim) return aim
  const block = firstBlock(aim.way, packet.bytes)
  if (block && aim.way.length === 0) return dropped(block)
  const end =
    aim.way.length === 0 ? receive(walk, link, packet, { prerouted: false }) : follow(walk, packet, aim, receive)
  return { ...end, sent: packet }
}

/** The end of the wire that the default route leads to. */
function defaultNic(walk: Walk, root: NetnsIndex, dst: Ip): Link | undefined {
  const found = lookUp(root, { dst: strangerTo(dst), iif: 'lo', mark: 0, protocol: 'tcp' })
  if ('doubt' in found || !found.out) return undefined
  const [first] = segmentFrom(walk.host, found.out).open.keys()
  return first
}

/** Who takes in what comes at a NIC for elsewhere: the bridge that it is a port of, or the NIC itself. */
function routerAt({ host }: Walk, link: Link): Link {
  const master = host.link(link.netns, link.master)
  return master?.info.kind === 'bridge' ? master : link
}

/** An address that answers find by this link: one of the internet, or a free one of the same subnet. */
function stranger(walk: Walk, space: NetnsIndex, router: Link, dst: Ip): Ip | undefined {
  const far = strangerTo(dst)
  const found = lookUp(space, { dst: far, iif: 'lo', mark: 0, protocol: 'tcp' })
  if (!('doubt' in found) && found.out === router) return far
  const own = space
    .tables(familyOf(dst))
    .addresses.find(({ record, n }) => record.index === router.index && !isLinkLocal(n))
  if (!own) return undefined
  const { from, to } = own.prefix
  if (!isInet6(from) && !isInet6(to)) for (let n = to - 1; n > from; n--) if (walk.host.owners(n).size === 0) return n
  if (isInet6(from) && isInet6(to)) for (let n = to - 1n; n > from; n--) if (walk.host.owners(n).size === 0) return n
  return undefined
}

type Entrance = { segment: Segment; router: Link; space: NetnsIndex }

/** On the same subnet the sender asks who has the address; for all else he was told of this router. */
function aimFor(walk: Walk, { segment, router, space }: Entrance, dst: Ip): Aim | End {
  const { addresses } = space.tables(familyOf(dst))
  const near = addresses.some(({ record, prefix }) => record.index === router.index && inside(dst, prefix))
  for (const [link, way] of segment.stations) {
    const meant = near ? owns(walk.host, link, dst) : link === router
    if (!meant) continue
    const unheard = isInet6(dst) ? undiscovered(walk, { router: link, dst }) : undefined
    return unheard ?? { kind: 'station', link, mac: link.address ?? '', way }
  }
  return dropped({ reason: 'NO_SUCH_ADDRESS', netns: space.id, blame: router.id, what: ipText(dst) })
}
