import type { PatchMessage, SnapshotMessage, Version } from '@hopscope/protocol'
import type { Hosts } from '../hosts/hosts.ts'
import { bufferedBytes } from './buffered.ts'
import { readsDeflated } from './engine.ts'
import { type Frame, write } from './frame.ts'
import type { Frames } from './frames.ts'
import type { PageSocket } from './server.ts'
import type { Shared, SharedWindow } from './sharedWindow.ts'
import type { Turns } from './turns.ts'

// Up to this much is sent on without waiting until what came before has left this process.
const FLOWING = 128 * 1024
const SMALL = 16 * 1024
/** What is offered waits behind no more than this. */
const MOST_OFFERED = 512 * 1024
/** Parts of a snapshot that a page may not have told of yet: enough for a long way, and little for a slow one. */
const PARTS_AHEAD = 8

/** What the feeds of all pages have in common. */
export type FeedContext = {
  hosts: Hosts
  frames: Frames
  window: SharedWindow
  turns: Turns
  /** Sends what waits to be sent to all together: what follows may be newer. */
  flush(): void
  /** The list of hosts as it is now. */
  list(): Frame
  /** Bytes that may wait for a page beside what it catches up with. */
  mostBuffered: number
  /** Milliseconds in which a page has to tell that it got a part. */
  patience: number
  /** A page was cut off because it does not read. */
  cut(page: PageSocket, why: 'full' | 'stuck'): void
  /** A page that said hello, or asked, was brought up to date in this way. */
  caughtUp(by: 'nothing' | 'patches' | 'snapshot'): void
}

/** A patch and how it goes over the wire. */
export type Patch = { message: PatchMessage; frame: Frame }

/** What the page holds of a host once it has read everything it was sent. `base`: the snapshot that it was sent. */
type Held = { version?: Version; base?: SnapshotMessage; asked?: boolean }
type Sending = { hostId: string; at: number; of: number; frame(at: number): Frame; after: Held; inParts: boolean }

/**
 * What one page is sent. It follows a host by its patches, or it is behind: then no patch of that host is put in its queue, and
 * it is brought what it misses piece by piece. A large snapshot goes in parts, and the page tells when it got one: the
 * kernel's buffers would hide for half a minute whether a slow page gets on. So some parts or one large message, and
 * `mostBuffered` beside, wait for a page, however large the hosts and however slow the page.
 */
export class Feed {
  readonly page: PageSocket
  #context: FeedContext
  #ready = false
  #open = true
  /** The hosts that the page does not follow by patches. */
  #behind = new Map<string, Held>()
  #sending: Sending | undefined
  /** Gives up waiting for a turn, or ends the turn of a large message that has not left yet. */
  #large: (() => void) | undefined
  /** What ends the turns of the parts that are on their way. */
  #parts: (() => void)[] = []
  #silent: NodeJS.Timeout | undefined
  #got = 0
  #listDue = false
  /** Where it is in the shared window; undefined when it was never brought there. */
  #at: number | undefined
  #mayPrime: boolean

  constructor(page: PageSocket, context: FeedContext) {
    this.page = page
    this.#context = context
    this.#mayPrime = readsDeflated(page.conn)
    this.list()
  }

  /** Whether it is being brought what it misses. */
  get isBehind(): boolean {
    return this.#busy || this.#sending !== undefined
  }

  get #busy(): boolean {
    return this.#large !== undefined || this.#parts.length > 0
  }

  /** The page told what it holds; from now on it is kept up to date. */
  hello(known: Readonly<Record<string, Version>>): void {
    this.#ready = true
    for (const { host } of this.#context.hosts.list()) {
      const version = known[host.id]
      this.#restart(host.id, version ? { version, asked: true } : { asked: true })
    }
    this.#goOn()
  }

  /** Brings the page a whole snapshot of the host. */
  renew(hostId: string): void {
    this.#restart(hostId, { asked: true })
    this.#goOn()
  }

  /** The host has a state from which no patch leads on from those before. */
  snapshot(hostId: string): void {
    if (!this.#ready) return
    if (this.#sending?.hostId === hostId || !this.#behind.has(hostId)) this.#restart(hostId, {})
    this.#goOn()
  }

  /** Whether it can read what is deflated with the window as it is now. */
  get isInStep(): boolean {
    return this.#at === this.#context.window.at() && !this.#busy
  }

  /** Patches that follow each other, host by host; `all` is them together. */
  patches(batch: readonly Patch[], all: Shared): void {
    if (!this.#ready) return
    // A burst at once is no sign of a page that does not read: it is brought as the page reads.
    const waits = this.#busy || all.plain.bytes > FLOWING
    if (!waits && !batch.some(({ message }) => this.#behind.has(message.hostId))) {
      this.#share(all)
      return
    }
    for (const { message, frame } of batch) {
      const { hostId, epoch, from: revision } = message
      if (!this.#open || this.#behind.has(hostId)) continue
      if (waits) this.#behind.set(hostId, { version: { epoch, revision } })
      else this.#flow(frame)
    }
    this.#goOn()
  }

  /** The page got a part. */
  got(): void {
    this.#got++
    this.#parts.shift()?.()
    if (this.#parts.length > 0) this.#silent?.refresh()
    else this.#stopWaiting()
    this.#goOn()
  }

  gone(hostId: string): void {
    this.#behind.delete(hostId)
    if (this.#sending?.hostId === hostId) this.#sending = undefined
  }

  /** Tells of the hosts as they are now; a page that is busy hears of them a little later. */
  list(): void {
    if (this.#busy) this.#listDue = true
    else this.#flow(this.#context.list())
  }

  /** Tells where it should be with each host; one that is being brought what it misses knows that it is elsewhere. */
  marks(marks: Shared): void {
    this.#mayPrime = readsDeflated(this.page.conn)
    if (!this.#ready || this.isBehind) return
    this.#share(marks)
    this.#prime()
  }

  /** What it is only to know; worth nothing to a page that cannot read it. */
  hint(hint: Shared): void {
    if (this.#at === hint.from && !this.#busy) this.#share(hint)
  }

  /** Sends something that is worth nothing later: not at all when the page has other things to read. */
  passing(frame: Frame): void {
    if (!this.#busy && bufferedBytes(this.page.conn) === 0) write(this.page, frame)
  }

  /** Sends something of which the page notices when it misses some, unless much waits for it; says whether it did. */
  offer(frame: Frame): boolean {
    const waiting = bufferedBytes(this.page.conn)
    if (!this.#open || (waiting > 0 && waiting + frame.bytes > MOST_OFFERED)) return false
    write(this.page, frame)
    return true
  }

  /** Sends something small that must arrive, whatever else the page is brought. */
  news(frame: Frame): void {
    if (this.#open) this.#flow(frame)
  }

  close(): void {
    this.#open = false
    this.#ready = false
    this.#behind.clear()
    this.#sending = undefined
    this.#stopWaiting()
    this.#large?.()
    this.#large = undefined
    for (const end of this.#parts.splice(0)) end()
  }

  #restart(hostId: string, held: Held): void {
    if (this.#sending?.hostId === hostId) this.#sending = undefined
    this.#behind.set(hostId, held)
  }

  #flow(frame: Frame): void {
    const waiting = bufferedBytes(this.page.conn)
    if (waiting > 0 && waiting + frame.bytes > this.#context.mostBuffered) this.#cut('full')
    else write(this.page, frame)
  }

  #share({ plain, packed, from, to }: Shared): void {
    const inStep = this.#at === from
    if (inStep) this.#at = to
    this.#flow(inStep ? packed : plain)
  }

  /** Brings the page the shared window, at most once between two marks: one that keeps falling behind reads plain frames. */
  #prime(): void {
    const { window } = this.#context
    if (!this.#ready || !this.#mayPrime || this.#at === window.at()) return
    this.#mayPrime = false
    this.#at = window.at()
    this.#flow(window.primer())
  }

  /** Sends on until nothing is missed, or the page has to read first. */
  #goOn(): void {
    while (this.#open && !this.#large) {
      if (this.#sending?.inParts ? this.#parts.length >= PARTS_AHEAD : this.#parts.length > 0) return
      if (this.#listDue) write(this.page, this.#context.list())
      this.#listDue = false
      const frame = this.#next()
      if (!frame) {
        this.#prime()
        return
      }
      if (this.#sending?.inParts) this.#sendPart(frame)
      else if (frame.bytes <= SMALL && bufferedBytes(this.page.conn) + frame.bytes <= FLOWING) write(this.page, frame)
      else this.#sendLarge(frame)
    }
  }

  #sendPart(frame: Frame): void {
    let waits = true
    const giveUp = this.#context.turns.take(frame.bytes, (end) => {
      waits = false
      this.#large = undefined
      this.#parts.push(end)
      this.#silent ??= setTimeout(() => this.#judge(), this.#context.patience)
      write(this.page, frame)
      this.#goOn()
    })
    if (waits) this.#large = giveUp
  }

  /** Sends what the page does not tell of; whether it still reads at all is seen by its answers to pings. */
  #sendLarge(frame: Frame): void {
    let waits = true
    const giveUp = this.#context.turns.take(frame.bytes, (end) => {
      waits = false
      this.#large = end
      write(this.page, frame, () => {
        if (this.#large !== end) return
        this.#large = undefined
        end()
        this.#goOn()
      })
    })
    if (waits) this.#large = giveUp
  }

  /** The time is over; but when it was the hub that was late, what the page said is still to be read. */
  #judge(): void {
    const waited = this.#silent
    const got = this.#got
    setImmediate(() => {
      if (this.#silent === waited && this.#got === got) this.#cut('stuck')
    })
  }

  #stopWaiting(): void {
    clearTimeout(this.#silent)
    this.#silent = undefined
  }

  /** What the page needs next; it is taken as sent. */
  #next(): Frame | undefined {
    while (this.#sending || this.#choose()) {
      const sending = this.#sending
      if (!sending) continue
      if (sending.at < sending.of) return sending.frame(sending.at++)
      this.#behind.set(sending.hostId, sending.after)
      this.#sending = undefined
    }
    return undefined
  }

  /** Begins with a host of which the page misses something; false when there is none. */
  #choose(): boolean {
    const { hosts, frames, caughtUp, flush } = this.#context
    flush()
    for (const [hostId, { version, base, asked }] of this.#behind) {
      const news = hosts.since(hostId, version, base?.snapshot)
      // A host without a state: what the page holds may be what its agent will tell of.
      if (!news) continue
      if ('snapshot' in news) {
        const { message, frames: of, frame } = frames.offer(news.snapshot)
        const after = { version: message.version, base: message }
        this.#sending = { hostId, at: 0, of, frame, after, inParts: of > 1 }
        if (asked) caughtUp('snapshot')
        return true
      }
      const { patches } = news
      if (asked) caughtUp(patches.length ? 'patches' : 'nothing')
      const last = patches.at(-1)
      if (last) {
        const after: Held = { version: { epoch: last.epoch, revision: last.to } }
        const frame = (at: number): Frame => frames.patch(patchAt(patches, at))
        this.#sending = { hostId, at: 0, of: patches.length, frame, after, inParts: false }
        return true
      }
      this.#behind.delete(hostId)
    }
    return false
  }

  #cut(why: 'full' | 'stuck'): void {
    if (!this.#open) return
    this.#context.cut(this.page, why)
    this.close()
    // Not a polite end: that would wait behind everything the page does not read.
    this.page.conn.request.socket.destroy()
  }
}

function patchAt(patches: readonly PatchMessage[], at: number): PatchMessage {
  const patch = patches[at]
  if (!patch) throw new Error(`of ${patches.length} patches there is none at ${at}`)
  return patch
}
