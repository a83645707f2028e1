import {
  type AnyRecord,
  type Diff,
  type Family,
  type FwRule,
  RECORD_KINDS,
  type Records,
  type Socket,
} from '@hopscope/model'
import type { Mark } from '@hopscope/protocol'
import { encode } from './frame.ts'

// Characters of each kind, of the host itself and of one container. More would push others out of the window.
const MOST = 2048
// One container may have labels without end.
const LARGEST = 1536
/** What comes with a container and is unlike what a host without a published port holds: in the words of a patch as well. */
const COMING: Diff = {
  link: {
    set: [
      {
        id: 'link:',
        fields: { flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'], operState: 'UP', linkNetns: 'ns:' },
        within: { port: { fields: { state: 'forwarding' } } },
      },
    ],
    del: ['link:'],
  },
  address: { set: [{ id: 'addr:', fields: { flags: ['permanent'] } }], del: ['addr:'] },
  route: { del: ['route:'] },
  sysctl: { set: [{ id: 'sysctl:', fields: {}, within: { links: { fields: {}, unset: [''] } } }] },
  netns: { set: [{ id: 'ns:', fields: { processCount: 1 } }] },
  fwRule: { put: [published('DNAT', ' --to-destination 172.17.0.2:80'), published('ACCEPT', '')] },
  socket: {
    put: [listening('inet', '0.0.0.0'), { ...listening('inet6', '::'), v6Only: true }],
    set: [{ id: 'sock:', fields: { process: { pid: 1, comm: 'docker-proxy' } } }],
  },
}

/**
 * What a patch of the host could say: one container, the host itself, and what comes with a published port, in the words of
 * patches. It is never applied.
 */
export function hintOf({ hostId, version: { epoch, revision }, hash }: Mark, records: Records): string {
  const say = (diff: Diff): string => encode('patch', { hostId, epoch, from: revision, to: revision, hash, diff }).text
  return say(someOf(records)) + say(COMING)
}

/** The records of one container and its namespace, and the latest of the host's own. */
function someOf(records: Records): Diff {
  const own = Object.values(records.netns).find(({ root }) => root)?.id
  const isOwn = (record: AnyRecord): boolean => netnsOf(record) === own || netnsOf(record) === undefined
  const container = Object.values(records.container).findLast((one) => !isOwn(one))
  const one = container?.netns ?? Object.keys(records.netns).findLast((id) => id !== own)
  const kinds = RECORD_KINDS.flatMap((kind) => {
    const all: AnyRecord[] = Object.values(records[kind])
    const put = [...latest(all.filter(isOwn)), ...latest(all.filter((record) => one && netnsOf(record) === one))]
    return put.length ? [[kind, { put }] as const] : []
  })
  return Object.fromEntries(kinds)
}

/** Those that came last are like those that come next. */
function latest(records: readonly AnyRecord[]): AnyRecord[] {
  let size = 0
  const some: AnyRecord[] = []
  for (const record of records.toReversed()) {
    const { length } = JSON.stringify(record)
    if (length > LARGEST) continue
    size += length
    if (size > MOST) break
    some.unshift(record)
  }
  return some
}

const netnsOf = (record: AnyRecord): string | undefined => ('netns' in record ? record.netns : undefined)

function published(target: string, to: string): FwRule {
  const at = { engine: 'nft', family: 'ip', table: 'nat', chain: 'DOCKER', handle: 1, position: 2 } as const
  const text = `-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j ${target}${to}`
  return { id: 'fwrule:', netns: 'ns:', ...at, text, target }
}

function listening(family: Family, address: string): Socket {
  return { id: 'sock:', netns: 'ns:', inode: 1, family, protocol: 'tcp', address, port: 8080, uid: 0 }
}
