import { encodeMessage } from './codec/writer.ts'
import type { DumpMemory } from './dumpMemory.ts'
import { DumpPrint } from './dumpPrint.ts'
import * as libc from './libc.ts'
import { throughNetns } from './namespaces.ts'
import { ALL_ADDRESSES } from './route/addresses.ts'
import { ALL_FDB } from './route/fdb.ts'
import { ALL_LINKS, linksOfNsid } from './route/links.ts'
import { ALL_NEIGHBOURS, ALL_PROXIES } from './route/neighbours.ts'
import { ALL_ROUTES } from './route/routes.ts'
import { NETLINK, type Request } from './socket.ts'

/** The tables that can be glanced at. */
export const GLANCED = ['links', 'addresses', 'routes', 'neighbours', 'fdb'] as const
export type GlancedTable = (typeof GLANCED)[number]
/** What can be the same: a table, or what is to be seen of all ghosts. */
export type Glanced = GlancedTable | 'ghosts'

/** A namespace that is in sight by its id only, and what its links said when they were last decoded (`dumpLinks` by `targetNsid`). */
export type Ghost = { nsid: number; memory: DumpMemory }

/** A namespace, and what its tables said when they were last decoded; a table without a memory is not asked for. */
export type GlancePlace = {
  /** Null for our own. */
  path: string | null
  /** Of the namespace that is meant: another one at this path is not glanced at. */
  cookie: number
  memories: Readonly<Partial<Record<GlancedTable, DumpMemory>>>
  /** Those whose links are asked for from here. */
  ghosts?: readonly Ghost[]
}

/** A dump as its bytes are sent, with what moves in it. */
type Question = { bytes: Buffer; request: Request; sequence: number }

const DUMP = 0x301 // NLM_F_REQUEST | NLM_F_DUMP
const DUMP_INTR = 0x10
const NLMSG = { ERROR: 2, DONE: 3, FIRST_OF_FAMILY: 16 }
const AF_NETLINK = 16
const STRICT_CHECK = 12

/**
 * Dumps the tables of many namespaces, one socket each, and tells for every place that it got to which tables still say what
 * they said, byte for byte but for what is volatile. Decodes nothing and makes no garbage, which halves the time. In doubt
 * (cut, interrupted, refused) a table is not told: whoever asks then reads it in the usual way and meets the refusal.
 */
export function glance<P extends GlancePlace>(
  places: Iterable<P>,
  tell: (place: P, same: ReadonlySet<Glanced>) => void,
): void {
  throughNetns(places, (place) => {
    const fd = libc.socket(AF_NETLINK, SOCKET_TYPE, NETLINK.ROUTE)
    if (fd < 0) return
    try {
      if (netnsCookie(fd) !== place.cookie) return
      beStrict(fd)
      let same = 0
      for (const question of QUESTIONS) {
        const memory = place.memories[question.table]
        if (memory?.print !== undefined && saysTheSame(fd, question, memory)) same |= question.bit
      }
      if (place.ghosts !== undefined && place.ghosts.length > 0 && ghostsSayTheSame(fd, place.ghosts)) same |= GHOSTS
      tell(place, tablesOf(same))
    } finally {
      libc.close(fd)
    }
  })
}

/**
 * Whether neighbours and proxied addresses of the namespace that this thread is in say what they said when they were last
 * decoded. In doubt they do not, as with `glance`.
 */
export function neighboursSayTheSame(memories: { neighbours: DumpMemory; proxies: DumpMemory }): boolean {
  if (memories.neighbours.print === undefined || memories.proxies.print === undefined) return false
  const fd = libc.socket(AF_NETLINK, SOCKET_TYPE, NETLINK.ROUTE)
  if (fd < 0) return false
  try {
    beStrict(fd)
    return saysTheSame(fd, NEIGHBOURS, memories.neighbours) && saysTheSame(fd, PROXIES, memories.proxies)
  } finally {
    libc.close(fd)
  }
}

/**
 * A number of the namespace that a socket is in, which is never given to another one as long as the machine runs; undefined
 * before Linux 5.14.
 */
export function netnsCookie(fd: number): number | undefined {
  cookie.writeUInt32LE(8, 8)
  if (libc.getsockopt(fd, libc.SOL_SOCKET, libc.SO_NETNS_COOKIE, cookie, cookieLength) < 0) return undefined
  return cookie.readUInt32LE(4) * 0x1_0000_0000 + cookie.readUInt32LE(0)
}

const SOCKET_TYPE = libc.SOCK_RAW | libc.SOCK_CLOEXEC | libc.SOCK_NONBLOCK
const ONE = Buffer.from([1, 0, 0, 0])
const cookie = Buffer.alloc(12)
const cookieLength = cookie.subarray(8)

// Two datagrams at once: the kernel mostly sends the records in one and the end in another.
const DATAGRAMS = 2
const SLOT = 1 << 17
/**
 * The kernel makes its datagrams as large as the largest buffer that it saw, up to 32 KiB. Those of small tables come cheaper from
 * its slabs of 8 KiB, which have so much room beside the head of a datagram.
 */
const SMALL_SLOT = 8192 - 320
/** Bytes that a table had, of which one may grow into a small slot without a reading more. */
const SMALL = SMALL_SLOT / 2
const MMSGHDR = 64
const IOVEC = 16
const MSG_TRUNC = 0x20
const slots = Buffer.from(new ArrayBuffer(DATAGRAMS * SLOT))
const words = new Int32Array(slots.buffer)
const [small, large] = [receiveArea(SMALL_SLOT), receiveArea(SLOT)]
const print = new DumpPrint()

const REQUESTS: Record<GlancedTable, Request> = {
  links: ALL_LINKS,
  addresses: ALL_ADDRESSES,
  routes: ALL_ROUTES,
  neighbours: ALL_NEIGHBOURS,
  fdb: ALL_FDB,
}
const QUESTIONS = GLANCED.map((table, index) => ({ table, bit: 1 << index, ...questionOf(REQUESTS[table], index + 1) }))
const GHOSTS = 1 << GLANCED.length
const [NEIGHBOURS, PROXIES] = [questionOf(ALL_NEIGHBOURS, 1), questionOf(ALL_PROXIES, 2)]

/** Else IPv4 lists what it learned about routes, too, which no dump of ours does. */
const beStrict = (fd: number) => libc.setsockopt(fd, libc.SOL_NETLINK, STRICT_CHECK, ONE, 4)

function questionOf(request: Request, sequence: number): Question {
  const bytes = encodeMessage(request.type, DUMP, request.payload)
  bytes.writeUInt32LE(sequence, 8)
  return { bytes, request, sequence }
}

/** One set for each combination, so that hundreds of namespaces need no more of them. */
function tablesOf(bits: number): ReadonlySet<Glanced> {
  let tables = combinations.get(bits)
  if (tables === undefined) {
    tables = new Set<Glanced>(QUESTIONS.flatMap(({ bit, table }) => (bits & bit ? [table] : [])))
    if (bits & GHOSTS) tables.add('ghosts')
    combinations.set(bits, tables)
  }
  return tables
}
const combinations = new Map<number, Set<Glanced>>()

/** Each has a sequence number of its own: what an answer that was given up left behind is no answer to the next. */
function ghostsSayTheSame(fd: number, ghosts: readonly Ghost[]): boolean {
  return ghosts.every(
    ({ nsid, memory }, index) =>
      memory.print !== undefined && saysTheSame(fd, questionOf(linksOfNsid(nsid), GLANCED.length + 1 + index), memory),
  )
}

function saysTheSame(fd: number, { bytes, request, sequence }: Question, memory: DumpMemory): boolean {
  if (libc.send(fd, bytes, bytes.length, 0) < 0) return false
  print.clear()
  const { address, headerWords } = memory.print !== undefined && memory.print.length < SMALL ? small : large
  for (;;) {
    const count = libc.recvmmsg(fd, address, DATAGRAMS, 0, 0)
    if (count <= 0) return false
    for (let index = 0; index < count; index++) {
      const header = (index * MMSGHDR) >> 2
      const length = headerWords[header + 14] ?? 0
      if ((headerWords[header + 12] ?? 0) & MSG_TRUNC) return false
      const over = addAll({ start: index * SLOT, length, sequence, volatile: request.volatile })
      if (over !== undefined) return over && print.matches(memory)
    }
  }
}

/** For so many bytes of each slot. Its structures hold raw pointers, which keep nothing alive: this module does. */
function receiveArea(room: number) {
  const vectors = Buffer.from(new ArrayBuffer(DATAGRAMS * IOVEC))
  const headers = Buffer.from(new ArrayBuffer(DATAGRAMS * MMSGHDR))
  for (let index = 0; index < DATAGRAMS; index++) {
    vectors.writeBigUInt64LE(libc.addressOf(slots) + BigInt(index * SLOT), index * IOVEC)
    vectors.writeBigUInt64LE(BigInt(room), index * IOVEC + 8)
    headers.writeBigUInt64LE(libc.addressOf(vectors) + BigInt(index * IOVEC), index * MMSGHDR + 16)
    headers.writeBigUInt64LE(1n, index * MMSGHDR + 24)
  }
  return { vectors, headers, headerWords: new Int32Array(headers.buffer), address: Number(libc.addressOf(headers)) }
}

type Datagram = { start: number; length: number; sequence: number; volatile: Request['volatile'] }

/** Whether the dump ended well with this datagram; undefined when it goes on. */
function addAll({ start, length, sequence, volatile }: Datagram): boolean | undefined {
  const end = start + length
  let at = start
  while (at + 16 <= end) {
    const size = words[at >> 2] ?? 0
    const type = (words[(at >> 2) + 1] ?? 0) & 0xffff
    const flags = (words[(at >> 2) + 1] ?? 0) >>> 16
    if (size < 16 || size > end - at || flags & DUMP_INTR || type === NLMSG.ERROR) return false
    if (words[(at >> 2) + 2] === sequence) {
      if (type === NLMSG.DONE) return size < 20 || words[(at >> 2) + 4] === 0
      if (type >= NLMSG.FIRST_OF_FAMILY) print.add(words, at + 16, at + size, volatile)
    }
    at += (size + 3) & ~3
  }
  return at < end ? false : undefined
}
