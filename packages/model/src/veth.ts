import type { Link } from './records/link.ts'

/** ifindex of the far end. A veth whose peer has its own ifindex arrives without one; the namespace says that there is a peer. */
export const peerIndex = (l: Link): number | undefined => l.iflink ?? (l.linkNetns !== undefined ? l.index : undefined)

/** Whether a veth says of itself that `link` is its other end. */
export function pointsBack(peer: Link, link: Link): boolean {
  if (peer.info.kind !== 'veth' || peer === link || peerIndex(peer) !== link.index) return false
  return peer.linkNetns === null || (peer.linkNetns ?? peer.netns) === link.netns
}

type FindLink = (netns: string, index: number | undefined) => Link | undefined

/** The other end of a veth on the same host, when it is certain: it points back. Same as "ip -d link", compared. */
export function certainPeer(link: Link, find: FindLink): Link | undefined {
  if (link.info.kind !== 'veth' || link.linkNetns === null) return undefined
  const peer = find(link.linkNetns ?? link.netns, peerIndex(link))
  return peer && pointsBack(peer, link) ? peer : undefined
}
