import koffi from 'koffi'
import { NetlinkError } from './errors.ts'

// The program itself has libc's symbols, whichever libc it is linked with: one line for glibc and musl.
const libc = koffi.load(null)

export const setns = libc.func('int setns(int fd, int type)')
export const socket = libc.func('int socket(int domain, int type, int protocol)')
export const bind = libc.func('int bind(int fd, const uint8_t *address, uint32_t length)')
export const connect = libc.func('int connect(int fd, const uint8_t *address, uint32_t length)')
export const getsockname = libc.func('int getsockname(int fd, uint8_t *address, uint8_t *length)')
export const setsockopt = libc.func(
  'int setsockopt(int fd, int level, int option, const uint8_t *value, uint32_t length)',
)
export const getsockopt = libc.func('int getsockopt(int fd, int level, int option, uint8_t *value, uint8_t *length)')
export const send = libc.func('int64_t send(int fd, const uint8_t *bytes, uint64_t length, int flags)')
export const recv = libc.func('int64_t recv(int fd, uint8_t *bytes, uint64_t length, int flags)')
export const recvmmsg = libc.func(
  'int recvmmsg(int fd, uintptr_t messages, uint32_t count, int flags, uintptr_t timeout)',
)
export const open = libc.func('int open(const char *path, int flags)')
export const close = libc.func('int close(int fd)')
export const read = libc.func('int64_t read(int fd, uint8_t *bytes, uint64_t length)')
export const write = libc.func('int64_t write(int fd, const uint8_t *bytes, uint64_t length)')
export const eventfd = libc.func('int eventfd(uint32_t value, int flags)')
export const epollCreate = libc.func('int epoll_create1(int flags)')
export const epollCtl = libc.func('int epoll_ctl(int epoll, int operation, int fd, const uint8_t *event)')
export const epollWait = libc.func('int epoll_wait(int epoll, uint8_t *events, int count, int timeout)')

/** Address of a buffer for use inside a C structure. A raw pointer keeps nothing alive: hold the buffer yourself. */
export function addressOf(buffer: Buffer): bigint {
  return koffi.address(buffer)
}

/** errno of the last failed call on this thread. */
export function lastErrno(): number {
  return koffi.errno()
}

/** The result, or a NetlinkError with errno when it is negative. */
export function check(result: number, doing: string): number {
  if (result < 0) throw new NetlinkError(lastErrno(), doing)
  return result
}

export const SOL_SOCKET = 1
export const SOL_NETLINK = 270
export const SO_RCVBUF = 8
export const SO_RCVBUFFORCE = 33
export const SO_NETNS_COOKIE = 71
export const SOCK_RAW = 3
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000
export const O_CLOEXEC = 0o2000000
export const O_NONBLOCK = 0o4000
