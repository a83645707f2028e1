// A process full of readers, told by its parent what to do.
import type { PatchMessage } from '@hopscope/protocol'
import { sentAt } from './host.ts'
import type { Answer, Order } from './orders.ts'
import { Reader } from './reader.ts'
import { inflateOnce } from './sharedInflate.ts'

// One in so many holds the whole state and checks every hash.
const VERIFIES = 50
const SLOWEST = 60_000

inflateOnce()
const readers: Reader[] = []
let late = new Uint32Array(SLOWEST)

process.on('message', (order: Order) => {
  process.send?.(answer(order))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

function answer(order: Order): Answer {
  switch (order.do) {
    case 'open':
      for (let i = 0; i < order.count; i++) readers.push(openReader(order.url, order.cookies, i))
      break
    case 'cut':
      for (const reader of readers) reader.cut()
      break
    case 'pause':
      for (const reader of readers.slice(0, order.count)) reader.pause()
      break
    case 'count anew':
      late = new Uint32Array(SLOWEST)
      break
    case 'tell':
      break
  }
  const equal = readers.filter(({ hash }) => order.do === 'tell' && hash === order.hash).length
  return {
    connected: readers.filter(({ socket }) => socket.connected).length,
    equal,
    resyncs: sum(readers, ({ resyncs }) => resyncs),
    wrong: sum(readers, ({ wrong }) => wrong),
    late: order.do === 'tell' && order.late ? [...late.entries()].filter(([, n]) => n > 0) : [],
  }
}

function openReader(url: string, cookies: readonly string[], i: number): Reader {
  const cookie = cookies[i % cookies.length]
  if (cookie === undefined) throw new Error('there is no session')
  return new Reader({ url, cookie, verifies: i % VERIFIES === 0, onPatch: count })
}

function count(patch: PatchMessage): void {
  const at = sentAt(patch)
  if (at === undefined) return
  const ms = Math.min(SLOWEST - 1, Math.max(0, Date.now() - at))
  late[ms] = (late[ms] ?? 0) + 1
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((n, one) => n + of(one), 0)
