import { closeSync, openSync, statSync } from 'node:fs'
import { NetlinkError } from './errors.ts'
import { close, lastErrno, O_CLOEXEC, O_NONBLOCK, open, setns } from './libc.ts'

/** A network namespace: a path (/run/netns/x, /proc/1/ns/net), an open descriptor of one, or null for our own. */
export type Netns = string | number | null
/** What makes two paths the same namespace: device and inode of the namespace file. */
export type NetnsIdentity = { dev: number; inode: number }
/** An open namespace; `close` gives the descriptor back. While it is open, the namespace lives. */
export type OpenNetns = { fd: number; close: () => void }

/** The namespace of this very thread. `self` would name the process's main thread, which may be another one. */
export const ownNetnsPath = '/proc/thread-self/ns/net'

const CLONE_NEWNET = 0x4000_0000
let ownFd = -1
/** The namespace that this thread is in just now, by the descriptor it was entered with; -1 in our own. */
let enteredFd = -1
let nsfsDevice: number | undefined

/** Device and inode of a namespace file; throws ENOENT, EACCES. Same as "stat -Lc '%d %i' /run/netns/x". */
export function netnsIdentity(path: string): NetnsIdentity {
  const { dev, ino } = statSync(path)
  return { dev, inode: ino }
}

/** Opens a namespace file. Same as "exec 3</run/netns/x". */
export function openNetns(path: string): OpenNetns {
  const fd = openSync(path, 'r')
  let open = true
  return {
    fd,
    close: () => {
      if (open) closeSync(fd)
      open = false
    },
  }
}

/** True for the device of namespace files; a stale, unmounted file under /run/netns lies on another one. */
export function isNsfs(dev: number): boolean {
  nsfsDevice ??= statSync(ownNetnsPath).dev
  return dev === nsfsDevice
}

/**
 * Runs `act` with the calling thread in the namespace and comes back before it returns; `act` must be synchronous.
 * A socket keeps the namespace it was made in, so this is where sockets are made. Throws NetlinkError (EPERM, EINVAL) or
 * ENOENT; aborts the process when the way back fails, because everything after it would touch the wrong namespace.
 * Calls may be nested; entering the descriptor that one is in already costs nothing. Same as "nsenter --net=/run/netns/x".
 */
export function insideNetns<T>(netns: Netns, act: () => T): T {
  if (netns === null) return enter(-1, act)
  if (typeof netns === 'number') return enter(netns, act)
  const opened = openNetns(netns)
  try {
    return enter(opened.fd, act)
  } finally {
    opened.close()
  }
}

/**
 * Runs `act` in one namespace after the other, and comes back at the end: half the way of `insideNetns` for each. One that cannot
 * be entered is left out. Same as "nsenter --net=PATH" for each.
 */
export function throughNetns<P extends { path: string | null }>(places: Iterable<P>, act: (place: P) => void): void {
  enter(-1, () => {
    let here = true
    try {
      for (const place of places) {
        const entered = place.path === null ? here || goTo(ownFd) : goToPath(place.path)
        if (!entered) continue
        here = place.path === null
        act(place)
      }
    } finally {
      if (!here && !goTo(ownFd)) process.abort()
    }
  })
}

function goToPath(path: string): boolean {
  const fd = open(path, O_CLOEXEC | O_NONBLOCK)
  if (fd < 0) return false
  try {
    return goTo(fd)
  } finally {
    close(fd)
  }
}

const goTo = (fd: number): boolean => setns(fd, CLONE_NEWNET) >= 0

function enter<T>(fd: number, act: () => T): T {
  if (ownFd < 0) ownFd = openSync(ownNetnsPath, 'r')
  const from = enteredFd
  if (fd === from) return act()
  if (setns(fd < 0 ? ownFd : fd, CLONE_NEWNET) < 0) throw new NetlinkError(lastErrno(), 'enter network namespace')
  enteredFd = fd
  try {
    return act()
  } finally {
    enteredFd = from
    if (setns(from < 0 ? ownFd : from, CLONE_NEWNET) < 0) process.abort()
  }
}
