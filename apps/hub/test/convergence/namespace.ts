import { EventEmitter } from 'node:events'
import type { Sockets } from '../../src/sockets/server.ts'
import type { Line } from './line.ts'

const PING_EVERY = 5_000
const PING_TIMEOUT = 20_000
const PONG = { type: 'pong' }

/** The part of a socket.io namespace that the hub uses, over lines in memory. */
export class Namespace extends EventEmitter {
  readonly sockets = new Map<string, ServerSocket>()
  readonly rooms = new Map<string, Set<ServerSocket>>()
  #serial = 0

  use(): void {
    // Whom to let in is tested elsewhere.
  }
  to(room: string) {
    const members = this.rooms.get(room) ?? new Set()
    const also = [...this.sockets.values()].filter(({ id }) => id === room)
    const chosen = [...members, ...also]
    return {
      emit: (event: string, payload: unknown) => {
        for (const socket of chosen) socket.emit(event, payload)
      },
      socketsJoin: (joined: string) => {
        for (const socket of chosen) socket.join(joined)
      },
    }
  }
  in = this.to
  override emit(event: string, payload: unknown): boolean {
    if (event === 'connection') return super.emit(event, payload)
    for (const socket of this.sockets.values()) socket.emit(event, payload)
    return true
  }
  /** A client has connected over this line, of which the far end is ours. */
  accept(line: Line): void {
    new ServerSocket(this, line, `s${++this.#serial}`)
  }
  close(): void {
    for (const socket of this.sockets.values()) socket.disconnect()
    this.removeAllListeners()
  }
}

class ServerSocket extends EventEmitter {
  readonly data = { session: { id: 'one' } }
  readonly handshake = { auth: {} }
  readonly conn = Object.assign(new EventEmitter(), {
    transport: {},
    writeBuffer: [],
    request: { socket: { destroy: () => this.line.far.close('transport close') } },
    /** Encoded packets, as the hub sends it to many pages. */
    write: (packet: string, _options: unknown, sent?: () => void) => {
      // Several may come together.
      for (const one of packet.split('\x1e')) {
        const [event, payload] = JSON.parse(one.slice(one.indexOf('[')))
        this.line.far.send(event, payload)
      }
      if (sent) setTimeout(sent, 0)
    },
  })
  readonly volatile = { emit: (event: string, payload: unknown) => this.emit(event, payload) }

  constructor(
    readonly namespace: Namespace,
    readonly line: Line,
    readonly id: string,
  ) {
    super()
    const { far } = line
    let heard = performance.now()
    const pinging = setInterval(() => {
      // A ping that reaches nobody is what tells of a broken line.
      if (line.open) this.conn.emit('packet', PONG)
      if (line.open) heard = performance.now()
      else if (performance.now() - heard > PING_EVERY + PING_TIMEOUT) far.close('ping timeout')
    }, PING_EVERY)
    namespace.sockets.set(id, this)
    far.handlers = {
      onMessage: (event, payload) => {
        this.conn.emit('packet', PONG)
        super.emit(event, payload)
      },
      onClose: (reason) => {
        clearInterval(pinging)
        namespace.sockets.delete(id)
        for (const members of namespace.rooms.values()) members.delete(this)
        super.emit('disconnect', reason)
      },
    }
    far.send('connect', undefined)
    namespace.emit('connection', this)
  }
  override emit(event: string, payload: unknown): boolean {
    this.line.far.send(event, payload)
    return true
  }
  join(room: string): void {
    const members = this.namespace.rooms.get(room) ?? new Set()
    this.namespace.rooms.set(room, members.add(this))
  }
  disconnect(): void {
    this.line.far.close('server namespace disconnect')
  }
}

/** The hub's code gets these where it would get socket.io's: the fake has all that it uses of them. */
export function socketsOf(agents: Namespace, pages: Namespace): Sockets {
  const patience = { watch: () => undefined, accepted: () => undefined }
  return { agents, pages, patience, close: async () => undefined } as unknown as Sockets // see above
}
