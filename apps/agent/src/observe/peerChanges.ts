import { type Link, linkId } from '@hopscope/model'
import type { RecordSink } from './contract.ts'

type Change = {
  netns: string
  before: readonly Link[]
  now: readonly Link[]
  sink: Pick<RecordSink, 'get'>
}

/**
 * Namespaces whose links have to be read again because a veth's other end changed here. When one end moves to another
 * namespace, the kernel tells nobody that the other end now points elsewhere.
 */
export function peersToReread({ netns, before, now, sink }: Change): Set<string> {
  const was = new Map(before.map((link) => [link.id, link]))
  const is = new Map(now.map((link) => [link.id, link]))
  const again = new Set<string>()
  for (const id of new Set([...was.keys(), ...is.keys()])) {
    const [old, current] = [was.get(id), is.get(id)]
    if (old?.iflink === current?.iflink && old?.linkNetns === current?.linkNetns) continue
    if (old && pointsHere(old, netns, sink) === true) add(again, old)
    if (current && pointsHere(current, netns, sink) === false) add(again, current)
  }
  again.delete(netns)
  return again
}

/** Whether the far end of a veth says that we are its far end; undefined when there is no far end that we know of. */
function pointsHere(link: Link, netns: string, sink: Pick<RecordSink, 'get'>): boolean | undefined {
  if (link.info.kind !== 'veth' || typeof link.linkNetns !== 'string' || link.iflink === undefined) return undefined
  const far = sink.get('link', linkId(link.linkNetns, link.iflink))
  return far?.linkNetns === netns && far.iflink === link.index
}

function add(netnses: Set<string>, link: Link): void {
  if (typeof link.linkNetns === 'string') netnses.add(link.linkNetns)
}
