import type { Link } from '@hopscope/model'
import { say, section } from './build.ts'
import { byHand } from './commands.ts'
import { iconOf, linkAt, placeName, refKey, refTo, type Scope, scopeOf } from './context.ts'
import type { Block, CableEnd, Section } from './page.ts'

/** The other end of a veth as a record with the host it is on; undefined when it is not known for certain. */
export function peerOf(s: Scope, link: Link): { scope: Scope; link: Link } | undefined {
  const ref = s.peers.get(refKey(refTo(s, 'link', link)))
  const scope = ref && scopeOf(s, ref.hostId)
  const peer = ref && scope?.snapshot.records.link[ref.id]
  return scope && peer ? { scope, link: peer } : undefined
}

/** A veth pair as what it is: a cable with two ends. */
export function cableSection(s: Scope, link: Link): Section | undefined {
  if (link.info.kind !== 'veth') return undefined
  return section('cable', [cableBlock(s, link)], { commands: byHand(s, 'link', link.id, 'link', 'peer') })
}

export function cableBlock(s: Scope, link: Link): Block {
  const near = endOf(s, link)
  const peer = peerOf(s, link)
  if (!peer) return { kind: 'cable', ends: [near, hiddenEnd(link)], say: hiddenSay(s, link) }
  const far = endOf(peer.scope, peer.link)
  const master = linkAt(peer.scope, peer.link.netns, peer.link.master)
  const args = {
    name: link.name,
    place: placeName(s, link.netns),
    peer: peer.link.name,
    peerPlace: placeName(peer.scope, peer.link.netns),
    near: link.index,
    far: peer.link.index,
    master: master?.name ?? '',
  }
  const ownMaster = linkAt(s, link.netns, link.master)
  if (master) return { kind: 'cable', ends: [near, far], say: say('cableToPort', args) }
  if (ownMaster)
    return { kind: 'cable', ends: [near, far], say: say('cableFromPort', { ...args, master: ownMaster.name }) }
  return { kind: 'cable', ends: [near, far], say: say('cable', args) }
}

function endOf(s: Scope, link: Link): CableEnd {
  const master = linkAt(s, link.netns, link.master)
  const to = refTo(s, 'link', link)
  const place = master ? say('portOf', { name: master.name }) : placeName(s, link.netns)
  return { to, name: link.name, index: link.index, place, icon: iconOf(s, to) }
}

function hiddenEnd(link: Link): CableEnd {
  return {
    name: link.ghostPeer?.name ?? '?',
    ...(link.iflink !== undefined && { index: link.iflink }),
    place: say('elsewhere'),
    icon: 'port',
  }
}

function hiddenSay(s: Scope, link: Link) {
  const args = { name: link.name, place: placeName(s, link.netns), near: link.index, far: link.iflink ?? '?' }
  if (link.ghostPeer) return say('cableGhost', { ...args, peer: link.ghostPeer.name })
  return say(link.linkNetns === null ? 'cableHidden' : 'cableUnpaired', args)
}
