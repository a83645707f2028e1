import { constants } from 'node:os'
import { type DecodeTally, type Message, Reader } from './codec/reader.ts'
import { errnoName } from './errors.ts'
import * as libc from './libc.ts'

export type WatchHandlers = {
  /** One event; `nsid` is the sender's namespace id, −1 for the socket's own namespace. Keep nothing of the message. */
  onMessage: (reader: Reader, message: Message, nsid: number) => void
  /** Messages were lost (ENOBUFS, or EMSGSIZE for one that did not fit): everything has to be dumped anew. */
  onLoss: (code: string) => void
  /** Milliseconds to wait after all was read: in a flood this thread is not woken for every message. None by default. */
  pause?: number
}

type Watched = { fd: number; reader: Reader; handlers: WatchHandlers; open: boolean; rest?: NodeJS.Timeout }

// Layouts of the 64-bit ABI, the same on x86-64 and arm64, glibc and musl; epoll_event alone is packed on x86-64.
const DATAGRAMS = 64
const SLOT = 16_384
const CONTROL = 24 // one control message with an int
const MMSGHDR = 64
const EPOLL_EVENT = process.arch === 'x64' ? 12 : 16
const EPOLL_DATA = process.arch === 'x64' ? 4 : 8
const EPOLLIN = 1
const EPOLLONESHOT = 1 << 30
const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2
const EPOLL_CTL_MOD = 3
const EPOLL_CLOEXEC = 0o2000000
const MSG_DONTWAIT = 0x40
const MSG_TRUNC = 0x20
const LISTEN_ALL_NSID = 8
const ROUNDS = 8 // then the other descriptors have their turn

/** One epoll instance and one receive area serve every watched descriptor; an eventfd ends the wait when the last goes. */
type Loop = { epoll: number; wake: number; events: Buffer; area: ReceiveArea; watched: Map<number, Watched> }
type ReceiveArea = { slots: Buffer; headers: Buffer; vectors: Buffer; controls: Buffer }

let loop: Loop | undefined
let waiting = false

/** Reports a netlink socket's events until the returned function is called; the descriptor stays the caller's to close. */
export function watchDescriptor(fd: number, tally: DecodeTally, handlers: WatchHandlers): () => void {
  loop ??= openLoop()
  const { epoll, watched, wake, area } = loop
  const entry: Watched = { fd, reader: new Reader(area.slots, tally), handlers, open: true }
  const once = handlers.pause === undefined ? 0 : EPOLLONESHOT
  libc.check(control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | once), 'watch netlink socket')
  watched.set(fd, entry)
  if (!waiting) wait(loop)
  return () => {
    if (!entry.open) return
    entry.open = false
    clearTimeout(entry.rest)
    watched.delete(fd)
    control(epoll, EPOLL_CTL_DEL, fd)
    if (watched.size === 0) signal(wake)
  }
}

/** Reports at once what the kernel has queued for all watched sockets, instead of when the waiting thread gets to it. */
export function readWaitingEvents(): void {
  if (loop) for (const entry of [...loop.watched.values()]) drain(loop.area, entry)
}

function openLoop(): Loop {
  const epoll = libc.check(libc.epollCreate(EPOLL_CLOEXEC), 'create epoll')
  const wake = libc.check(libc.eventfd(0, libc.SOCK_CLOEXEC | libc.SOCK_NONBLOCK), 'create eventfd')
  libc.check(control(epoll, EPOLL_CTL_ADD, wake), 'watch eventfd')
  // Node joins its pool threads at exit: one that is parked in epoll_wait would never come back.
  process.on('exit', () => signal(wake))
  const events = Buffer.alloc(EPOLL_EVENT * DATAGRAMS)
  return { epoll, wake, events, area: receiveArea(), watched: new Map() }
}

/** iovec and msghdr hold raw pointers, which keep nothing alive: the area holds all four buffers. */
function receiveArea(): ReceiveArea {
  const area = {
    slots: Buffer.alloc(DATAGRAMS * SLOT),
    headers: Buffer.alloc(DATAGRAMS * MMSGHDR),
    vectors: Buffer.alloc(DATAGRAMS * 16),
    controls: Buffer.alloc(DATAGRAMS * CONTROL),
  }
  const slots = libc.addressOf(area.slots)
  const vectors = libc.addressOf(area.vectors)
  const controls = libc.addressOf(area.controls)
  for (let index = 0; index < DATAGRAMS; index++) {
    area.vectors.writeBigUInt64LE(slots + BigInt(index * SLOT), index * 16)
    area.vectors.writeBigUInt64LE(BigInt(SLOT), index * 16 + 8)
    area.headers.writeBigUInt64LE(vectors + BigInt(index * 16), index * MMSGHDR + 16)
    area.headers.writeBigUInt64LE(1n, index * MMSGHDR + 24)
    area.headers.writeBigUInt64LE(controls + BigInt(index * CONTROL), index * MMSGHDR + 32)
  }
  return area
}

function wait(current: Loop): void {
  if (current.watched.size === 0) {
    waiting = false
    return
  }
  waiting = true
  libc.epollWait.async(current.epoll, current.events, DATAGRAMS, -1, (failure: Error | null, count: number) => {
    try {
      if (failure) throw failure
      serve(current, count)
    } finally {
      // A handler that throws ends in uncaughtException, as anywhere else; the other watches go on.
      wait(current)
    }
  })
}

function serve(current: Loop, count: number): void {
  for (let index = 0; index < count; index++) {
    const fd = current.events.readInt32LE(index * EPOLL_EVENT + EPOLL_DATA)
    const entry = current.watched.get(fd)
    if (entry) read(current, entry)
    else if (fd === current.wake) libc.read(fd, Buffer.alloc(8), 8)
  }
}

/** Reads what is there, and has the kernel tell of more: of a descriptor that pauses it tells once. */
function read({ epoll, area }: Loop, entry: Watched): void {
  const isEmpty = drain(area, entry)
  const { pause } = entry.handlers
  if (pause === undefined || !entry.open) return
  const again = () =>
    libc.check(control(epoll, EPOLL_CTL_MOD, entry.fd, EPOLLIN | EPOLLONESHOT), 'watch netlink socket')
  if (isEmpty) entry.rest = setTimeout(again, pause)
  else again()
}

/** Whether nothing is left. */
function drain(area: ReceiveArea, entry: Watched): boolean {
  for (let round = 0; round < ROUNDS && entry.open; round++) {
    for (let index = 0; index < DATAGRAMS; index++) area.headers.writeUInt32LE(CONTROL, index * MMSGHDR + 40)
    const count = libc.recvmmsg(entry.fd, Number(libc.addressOf(area.headers)), DATAGRAMS, MSG_DONTWAIT, 0)
    if (count < 0) {
      const errno = libc.lastErrno()
      if (errno === constants.errno.EAGAIN || errno === constants.errno.EINTR) return true
      entry.handlers.onLoss(errnoName(errno))
      continue // after an overrun the queue must be drained before the kernel delivers anything again
    }
    for (let index = 0; index < count && entry.open; index++) deliver(area, entry, index)
    if (count < DATAGRAMS) return true
  }
  return false
}

function deliver(area: ReceiveArea, entry: Watched, index: number): void {
  const header = index * MMSGHDR
  if (area.headers.readInt32LE(header + 48) & MSG_TRUNC) {
    entry.handlers.onLoss('EMSGSIZE')
    return
  }
  const start = index * SLOT
  const end = start + area.headers.readUInt32LE(header + 56)
  const nsid = senderNsid(area, index)
  entry.reader.messages(start, end, (message) => {
    if (entry.open) entry.handlers.onMessage(entry.reader, message, nsid)
  })
}

function senderNsid(area: ReceiveArea, index: number): number {
  const at = index * CONTROL
  const present =
    area.headers.readUInt32LE(index * MMSGHDR + 40) >= 20 &&
    area.controls.readInt32LE(at + 8) === libc.SOL_NETLINK &&
    area.controls.readInt32LE(at + 12) === LISTEN_ALL_NSID
  return present ? area.controls.readInt32LE(at + 16) : -1
}

function control(epoll: number, operation: number, fd: number, events = EPOLLIN): number {
  const event = Buffer.alloc(16)
  event.writeUInt32LE(events)
  event.writeInt32LE(fd, EPOLL_DATA)
  return libc.epollCtl(epoll, operation, fd, event)
}

function signal(wake: number): void {
  const one = Buffer.alloc(8)
  one.writeBigUInt64LE(1n)
  libc.write(wake, one, 8)
}
