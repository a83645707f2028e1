import type { Link } from '@hopscope/model'
import type { NetnsIndex } from './host/hostIndex.ts'
import { inside, toNumber, toText } from './ipv4.ts'
import { flowOf, type Packet } from './packet.ts'
import { lookUp } from './steps/fib.ts'
import { follow } from './steps/frame.ts'
import type { Aim } from './steps/neighbour.ts'
import { receive } from './steps/receive.ts'
import { type Segment, segmentFrom, segmentInto } from './steps/segment.ts'
import type { Outgoing } from './steps/send.ts'
import { cannotSend, firstBlock } from './steps/wire.ts'
import { dropped, type End, note, predicted, refOf, spaceOf, unsure, type Walk } from './walk.ts'

/** Some machine on the internet: an address that is kept for documentation. */
const STRANGER = '203.0.113.10'

/** Lets a packet come in at a NIC: the one that is named, or that of the default route. */
export function fromOutside(walk: Walk, outgoing: Outgoing, id: string | undefined): End {
  const root = spaceOf(walk, walk.host.snapshot.host.rootNetns)
  const link = id === undefined ? defaultNic(walk, root) : walk.host.snapshot.records.link[id]
  if (!link) return unsure(root.id, 'a link that leads outside')
  const segment = segmentInto(walk.host, link)
  const router = routerAt(walk, link)
  const space = spaceOf(walk, router.netns)
  const src = outgoing.src ?? stranger(walk, space, router)
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
function defaultNic(walk: Walk, root: NetnsIndex): Link | undefined {
  const found = lookUp(walk.host, root, { dst: toNumber(STRANGER) ?? 0, iif: 'lo', mark: 0, protocol: 'tcp' })
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
function stranger(walk: Walk, space: NetnsIndex, router: Link): number | undefined {
  const far = toNumber(STRANGER) ?? 0
  const found = lookUp(walk.host, space, { dst: far, iif: 'lo', mark: 0, protocol: 'tcp' })
  if (!('doubt' in found) && found.out === router) return far
  const own = space.addresses.find(({ record }) => record.index === router.index)
  if (!own) return undefined
  for (let n = own.prefix.to - 1; n > own.prefix.from; n--) if (walk.host.owners(n).size === 0) return n
  return undefined
}

type Entrance = { segment: Segment; router: Link; space: NetnsIndex }

/** On the same subnet the sender asks who has the address; for all else he was told of this router. */
function aimFor(walk: Walk, { segment, router, space }: Entrance, dst: number): Aim | End {
  const near = space.addresses.some(({ record, prefix }) => record.index === router.index && inside(dst, prefix))
  const owners = walk.host.owners(dst)
  for (const [link, way] of segment.stations) {
    const meant = near ? owners.has(link.netns) : link === router
    if (meant) return { kind: 'station', link, mac: link.address ?? '', way }
  }
  return dropped({ reason: 'NO_SUCH_ADDRESS', netns: space.id, blame: router.id, what: toText(dst) })
}
