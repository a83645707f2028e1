import { constants } from 'node:os'
import { type DecodeTally, type Message, Reader } from './codec/reader.ts'
import { encodeMessage, i32 } from './codec/writer.ts'
import { type DumpMemory, Pile, RawDump, type Volatile } from './dumpMemory.ts'
import { DumpInterruptedError, NetlinkError } from './errors.ts'
import * as libc from './libc.ts'
import { insideNetns, type Netns } from './namespaces.ts'
import { type WatchHandlers, watchDescriptor } from './watch.ts'

/** Netlink families by the kernel's numbers. */
export const NETLINK = { ROUTE: 0, SOCK_DIAG: 4, NETFILTER: 12, GENERIC: 16 } as const

export type SocketOptions = {
  /** Receive buffer in bytes, set with SO_RCVBUFFORCE where allowed; the kernel doubles it. */
  receiveBuffer?: number
  /** Multicast groups to join. */
  groups?: readonly number[]
  /** Receive the events of every namespace that has an id in the socket's own one. */
  listenAllNsid?: boolean
}
/** `doing` names the request in errors. A `missing` errno name means "there are none" instead of an error. */
export type Request = {
  type: number
  payload: Uint8Array
  doing: string
  missing?: string
  /** What may differ in a dump that says the same as before. */
  volatile?: Volatile
}
/** A dump that is of interest only if it says something else than `memory`. */
export type IfChanged = Request & {
  memory: DumpMemory
  /** Asked when it says the same: false has it given all the same. It may ask for single objects, not for dumps. */
  suffices?: (() => boolean) | undefined
}
/** One change of a transaction; `flags` are NLM_F_CREATE, NLM_F_EXCL and the like. */
export type Change = { type: number; flags: number; payload: Uint8Array }
/** Makes a record of a message, or undefined when it is cut or not wanted. All sockets share a buffer: ask nothing meanwhile. */
export type Decode<T> = (reader: Reader, message: Message) => T | undefined

const AF_NETLINK = 16
const OPTION = { ADD_MEMBERSHIP: 1, LISTEN_ALL_NSID: 8, EXT_ACK: 11, STRICT_CHECK: 12 }
const NLM_F = { REQUEST: 1, ACK: 4, DUMP_INTR: 0x10, DUMP: 0x300, CAPPED: 0x100, ACK_TLVS: 0x200 }
const NLMSG = { ERROR: 2, DONE: 3, FIRST_OF_FAMILY: 16 }
const NFNL_MSG_BATCH = { BEGIN: 16, END: 17 }
const MSG_TRUNC = 0x20
const DUMP_TRIES = 5

// A dump's datagram is at most 32 KiB unless one record needs more. Requests are synchronous, so all share one buffer.
const received = Buffer.alloc(1 << 18)
const pile = new Pile()
let lastSequence = 0

/**
 * Opens a netlink socket in a namespace; the caller closes it. A socket keeps its namespace alive after "ip netns del", so
 * close it as soon as the dumps are done. Throws NetlinkError (EPERM, EPROTONOSUPPORT…).
 */
export function openNetlink(netns: Netns, protocol: number, options: SocketOptions = {}): NetlinkSocket {
  const type = libc.SOCK_RAW | libc.SOCK_CLOEXEC | libc.SOCK_NONBLOCK
  const fd = insideNetns(netns, () => libc.check(libc.socket(AF_NETLINK, type, protocol), 'open netlink socket'))
  try {
    configure(fd, options)
  } catch (cause) {
    libc.close(fd)
    throw cause
  }
  return new NetlinkSocket(fd)
}

/** Opens a socket for the time of `act`. */
export function withNetlink<T>(netns: Netns, protocol: number, act: (socket: NetlinkSocket) => T): T {
  const socket = openNetlink(netns, protocol)
  try {
    return act(socket)
  } finally {
    socket.close()
  }
}

/** A netlink socket: synchronous dumps and requests, or a watch of its events. */
export class NetlinkSocket {
  readonly fd: number
  /** What the decoders of this socket could not use so far. */
  readonly tally: DecodeTally = { truncated: 0, unknown: 0 }
  private stopWatching: (() => void) | undefined
  private closed = false

  constructor(fd: number) {
    this.fd = fd
  }

  /** All records of a table. Retries when the table changed meanwhile, then throws DumpInterruptedError. */
  dump<T>(request: Request, decode: Decode<T>): T[] {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      const answer = this.exchange(request, NLM_F.DUMP, decode)
      if (!answer.interrupted) return answer.records
    }
    throw new DumpInterruptedError(request.doing, DUMP_TRIES)
  }

  /** As `dump`, not decoded yet; undefined for what the memory knows, which is of this dump from then on. */
  dumpIfChanged<T>(request: IfChanged, decode: Decode<T>): RawDump<T> | undefined {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      pile.clear()
      const { interrupted } = this.exchange(request, NLM_F.DUMP, (reader, message) =>
        pile.add(reader, message, request.volatile),
      )
      if (interrupted) continue
      if (pile.matches(request.memory) && (request.suffices?.() ?? true)) return undefined
      return new RawDump(pile.contents(), decode, this.tally)
    }
    throw new DumpInterruptedError(request.doing, DUMP_TRIES)
  }

  /** The records that answer a question about one object. */
  get<T>(request: Request, decode: Decode<T>): T[] {
    return this.exchange(request, NLM_F.ACK, decode).records
  }

  /** Asks the kernel for a change and waits for its acknowledgement; `flags` are NLM_F_CREATE, NLM_F_EXCL and the like. */
  apply(request: Request, flags = 0): void {
    this.exchange(request, NLM_F.ACK | flags, () => undefined)
  }

  /**
   * Asks netfilter for several changes, of which either all are done or none. Throws NetlinkError with the first refusal. Same as
   * "nft -f FILE".
   */
  transact(changes: readonly Change[], doing: string): void {
    const first = this.takeSequence(changes.length + 2)
    const messages = [
      batchMark(NFNL_MSG_BATCH.BEGIN),
      ...changes.map(({ type, flags, payload }) => encodeMessage(type, NLM_F.REQUEST | NLM_F.ACK | flags, payload)),
      batchMark(NFNL_MSG_BATCH.END),
    ]
    for (const [i, message] of messages.entries()) message.writeUInt32LE((first + i) >>> 0, 8)
    const bytes = Buffer.concat(messages)
    libc.check(Number(libc.send(this.fd, bytes, bytes.length, 0)), doing)
    let left = changes.length
    let refused: Answer<never> | undefined
    const reader = new Reader(received, this.tally)
    const accept = (message: Message) => {
      if (message.type !== NLMSG.ERROR) return
      const answer: Answer<never> = { records: [], done: false, interrupted: false, errno: 0, detail: undefined }
      finish(reader, message, answer)
      if (answer.errno !== 0) refused ??= answer
      // A batch that may not begin is answered once, others change by change.
      left = message.sequence === first ? 0 : left - 1
    }
    while (left > 0) reader.messages(0, this.receive(doing), accept)
    if (refused) throw new NetlinkError(refused.errno, doing, refused.detail)
  }

  /** Reports every event from now on until the socket is closed. Call it once, and dump over another socket. */
  watch(handlers: WatchHandlers): void {
    if (this.stopWatching) throw new Error('this netlink socket is already watched')
    this.stopWatching = watchDescriptor(this.fd, this.tally, handlers)
  }

  /** Closes the socket; a second call does nothing. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.stopWatching?.()
    libc.close(this.fd)
  }

  private exchange<T>(request: Request, flags: number, decode: Decode<T>): Answer<T> {
    const sequence = this.send(request, flags)
    const answer: Answer<T> = { records: [], done: false, interrupted: false, errno: 0, detail: undefined }
    const reader = new Reader(received, this.tally)
    const accept = (message: Message) => {
      if (message.sequence !== sequence) return
      if (message.flags & NLM_F.DUMP_INTR) answer.interrupted = true
      if (message.type === NLMSG.ERROR || message.type === NLMSG.DONE) return finish(reader, message, answer)
      if (message.type < NLMSG.FIRST_OF_FAMILY) return
      const record = decode(reader, message)
      if (record !== undefined) answer.records.push(record)
    }
    while (!answer.done) reader.messages(0, this.receive(request.doing), accept)
    if (answer.errno === 0) return answer
    const error = new NetlinkError(answer.errno, request.doing, answer.detail)
    if (error.code !== request.missing) throw error
    return answer
  }

  /** The first of so many sequence numbers that nobody else has. */
  private takeSequence(count: number): number {
    if (lastSequence + count > 0xffff_ffff) lastSequence = 0
    const first = lastSequence + 1
    lastSequence += count
    return first
  }

  private send(request: Request, flags: number): number {
    if (this.closed) throw new NetlinkError(constants.errno.EBADF, request.doing, 'the socket is closed')
    const sequence = this.takeSequence(1)
    const message = encodeMessage(request.type, NLM_F.REQUEST | flags, request.payload)
    message.writeUInt32LE(sequence, 8)
    libc.check(Number(libc.send(this.fd, message, message.length, 0)), request.doing)
    return sequence
  }

  /** Length of the next datagram in the shared buffer. */
  private receive(doing: string): number {
    for (;;) {
      const length = Number(libc.recv(this.fd, received, received.length, MSG_TRUNC))
      if (length > received.length) throw new NetlinkError(constants.errno.EMSGSIZE, doing, `${length} bytes at once`)
      if (length >= 0) return length
      if (libc.lastErrno() !== constants.errno.EINTR) throw new NetlinkError(libc.lastErrno(), doing)
    }
  }
}

type Answer<T> = {
  records: T[]
  done: boolean
  interrupted: boolean
  errno: number
  detail: string | undefined
}

/** The message that begins or ends a transaction of nf_tables, which is subsystem 10, in network byte order. */
const batchMark = (type: number): Buffer => encodeMessage(type, NLM_F.REQUEST, Buffer.of(0, 0, 0, 10))

function configure(fd: number, options: SocketOptions): void {
  const address = Buffer.alloc(12)
  address.writeUInt16LE(AF_NETLINK)
  libc.check(libc.bind(fd, address, address.length), 'bind netlink socket')
  // Kernels before 4.12 and 4.20 lack these two. Then errors come without words and dumps unfiltered, which all callers bear.
  setOption(fd, OPTION.EXT_ACK, 1)
  setOption(fd, OPTION.STRICT_CHECK, 1)
  if (options.receiveBuffer !== undefined) setReceiveBuffer(fd, options.receiveBuffer)
  if (options.listenAllNsid) libc.check(setOption(fd, OPTION.LISTEN_ALL_NSID, 1), 'listen to all namespaces')
  for (const group of options.groups ?? []) {
    libc.check(setOption(fd, OPTION.ADD_MEMBERSHIP, group), `join netlink group ${group}`)
  }
}

function setOption(fd: number, option: number, value: number): number {
  return libc.setsockopt(fd, libc.SOL_NETLINK, option, i32(value), 4)
}

function setReceiveBuffer(fd: number, bytes: number): void {
  // Without NET_ADMIN the forced size is refused and the plain one is capped at net.core.rmem_max.
  if (libc.setsockopt(fd, libc.SOL_SOCKET, libc.SO_RCVBUFFORCE, i32(bytes), 4) >= 0) return
  libc.check(libc.setsockopt(fd, libc.SOL_SOCKET, libc.SO_RCVBUF, i32(bytes), 4), 'set receive buffer')
}

function finish<T>(reader: Reader, message: Message, answer: Answer<T>): void {
  answer.done = true
  if (message.end - message.start < 4) return
  answer.errno = Math.max(0, -reader.bytes.readInt32LE(message.start))
  if (answer.errno === 0 || !(message.flags & NLM_F.ACK_TLVS)) return
  reader.attributes(wordsStart(reader, message), message.end, (type, start, end) => {
    if (type === 1) answer.detail = reader.text(start, end)
  })
}

/** The kernel's words follow the errno; in an error message the request (or, when capped, its header) lies between. */
function wordsStart(reader: Reader, message: Message): number {
  const afterErrno = message.start + 4
  if (message.type === NLMSG.DONE || message.end - afterErrno < 16) return afterErrno
  const echoed = message.flags & NLM_F.CAPPED ? 16 : reader.bytes.readUInt32LE(afterErrno)
  return Math.min(message.end, afterErrno + ((echoed + 3) & ~3))
}
