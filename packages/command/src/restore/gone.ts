import { type HostSnapshot, type Link, recordsOf } from '@hopscope/model'
import { farLink } from '../find.ts'

/** Links that stand on this one, and go with it: macvlans, and vxlans with it as their underlay, in whatever namespace. */
export const uppersOf = (snapshot: HostSnapshot, { netns, index }: Link): Link[] =>
  recordsOf(snapshot, 'link').filter(
    (one) => one.info.kind !== 'veth' && one.iflink === index && (one.linkNetns ?? one.netns) === netns && !isSame(one),
  )

/** All links that go when one is deleted, itself first: a veth's other end, and what stands on either. */
export function goneWith(snapshot: HostSnapshot, link: Link): Link[] {
  const peer = link.info.kind === 'veth' ? farLink(snapshot, link) : undefined
  const ends = peer ? [link, peer] : [link]
  return [...ends, ...ends.flatMap((one) => uppersOf(snapshot, one)).flatMap((upper) => goneWith(snapshot, upper))]
}

/** Some kinds name themselves as what they stand on. */
const isSame = ({ index, iflink, linkNetns }: Link): boolean => index === iflink && linkNetns === undefined
