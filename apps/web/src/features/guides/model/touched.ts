import { type HostSnapshot, type RecordKind, recordsOf } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'

/** The object on the map that a command is about to change: its link where it is there, else where it will be. */
export function touched(command: Command, snapshot: HostSnapshot): { kind: RecordKind; id: string } | undefined {
  const place = 'netns' in command ? netnsOf(snapshot, command.netns) : snapshot.host.rootNetns
  const name = 'link' in command ? command.link : undefined
  const link = recordsOf(snapshot, 'link').find((one) => one.netns === place && one.name === name)
  if (link) return { kind: 'link', id: link.id }
  const container = recordsOf(snapshot, 'container').find(({ netns }) => netns !== undefined && netns === place)
  if (container && place !== snapshot.host.rootNetns) return { kind: 'container', id: container.id }
  return place === undefined ? undefined : { kind: 'netns', id: place }
}

function netnsOf(snapshot: HostSnapshot, ref: string): string | undefined {
  if (ref === 'root') return snapshot.host.rootNetns
  const named = recordsOf(snapshot, 'netns').find(({ names }) => names.some(({ name }) => name === ref))
  const container = recordsOf(snapshot, 'container').find(({ name }) => name === ref)
  return named?.id ?? container?.netns ?? snapshot.records.netns[ref]?.id
}
