import { applyToSnapshot, type HostSnapshot, stateHash } from '@hopscope/model'
import {
  BROWSERS,
  type BrowserToHub,
  createJoiner,
  type HubToBrowser,
  type PatchMessage,
  PROTOCOL_VERSION,
  type SnapshotMessage,
  type Version,
} from '@hopscope/protocol'
import { io, type Socket } from 'socket.io-client'

export type ReaderOptions = {
  url: string
  cookie: string
  /** Holds the whole state and compares its hash after each patch; the others compare revisions only. */
  verifies: boolean
  /** The moment at which a patch was made was read from it. */
  onPatch(patch: PatchMessage): void
}

type Engine = { transport: { ws: { _socket: { pause(): void }; terminate(): void } } }

/** What stands for a page of one host: socket.io's client with the page's settings, and nothing drawn. */
export class Reader {
  readonly socket: Socket<HubToBrowser, BrowserToHub>
  /** What it holds. */
  version: Version | undefined
  hash = ''
  resyncs = 0
  wrong = 0
  #options: ReaderOptions
  #joiner = createJoiner()
  #snapshot: HostSnapshot | undefined
  #hostId = ''

  constructor(options: ReaderOptions) {
    this.#options = options
    const { url, cookie } = options
    this.socket = io(`${url}${BROWSERS}`, {
      transports: ['websocket'],
      extraHeaders: { origin: url, cookie },
      forceNew: true,
      // As apps/web/src/stream/socket.ts has it.
      reconnectionDelay: 500,
      reconnectionDelayMax: 3_000,
    })
    this.socket.on('connect', () => this.#greet())
    this.socket.on('disconnect', (reason) => {
      if (reason === 'io server disconnect') this.socket.connect()
    })
    this.socket.on('snapshot', (message) => this.#hold(message, message.snapshot))
    this.socket.on('part', (part) => {
      this.socket.emit('got', { hostId: part.hostId })
      if (options.verifies) {
        const whole = this.#joiner.take(part)
        if (whole) this.#hold(whole, whole.snapshot)
      } else if (part.at === part.of - 1) this.#hold(part)
    })
    this.socket.on('patch', (patch) => this.#apply(patch))
  }

  /** The connection breaks, as when a cable is pulled on the hub's side. */
  cut(): void {
    this.#engine().transport.ws.terminate()
  }

  /** Reads nothing any more; the connection stays. */
  pause(): void {
    this.#engine().transport.ws._socket.pause()
  }

  #engine(): Engine {
    // Private by its type only; the API cannot break or stop a connection below it.
    return this.socket.io.engine as unknown as Engine
  }

  #greet(): void {
    this.#joiner.clear()
    const known = this.version ? { [this.#hostId]: this.version } : {}
    this.socket.emit('hello', { protocol: PROTOCOL_VERSION, known })
  }

  #hold({ hostId, version, hash }: Omit<SnapshotMessage, 'snapshot'>, snapshot?: HostSnapshot): void {
    this.#hostId = hostId
    this.version = version
    this.hash = hash
    if (!this.#options.verifies || !snapshot) return
    this.#snapshot = snapshot
    if (stateHash(snapshot.records) !== hash) this.wrong++
  }

  #apply(patch: PatchMessage): void {
    if (this.version?.epoch !== patch.epoch || this.version.revision !== patch.from) {
      this.resyncs++
      this.socket.emit('resync', { hostId: patch.hostId })
      return
    }
    if (this.#snapshot) {
      this.#snapshot = applyToSnapshot(this.#snapshot, patch.diff)
      if (stateHash(this.#snapshot.records) !== patch.hash) this.wrong++
    }
    this.version = { epoch: patch.epoch, revision: patch.to }
    this.hash = patch.hash
    this.#options.onPatch(patch)
  }
}
