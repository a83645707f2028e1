import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'socket.io'
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws'

/** The largest message, in bytes, also once it is unpacked; and whether messages may be deflated. */
export type Limits = { largest: number; deflates: boolean }

// Of what is sent to us no window is kept.
const DEFLATE = { clientNoContextTakeover: true }
/**
 * What browsers offer. For frames of `sharedWindow.ts` the other side has to keep a window of full size: one that offers less,
 * or what is not known here, is not refused, as ws would, but gets plain frames.
 */
const OFFER = /^permessage-deflate(; ?client_max_window_bits|; ?client_no_context_takeover)*$/

/** Sends as it is what is given to it: of the deflated frames ws knows nothing, and must not put others between them. */
class PlainWebSocket extends WebSocket {
  override send(data: BufferLike, ...rest: unknown[]): void {
    const [options, sent] = typeof rest[0] === 'function' ? [{}, rest[0]] : rest
    // As ws declares it, in one of two ways.
    super.send(data, { ...(options as object), compress: false }, sent as (error?: Error) => void)
  }
}
type BufferLike = Parameters<WebSocket['send']>[0]

/** Whether this connection agreed on deflated frames. */
export function readsDeflated({ transport }: Socket['conn']): boolean {
  // The WebSocket below is private by its type only.
  const { socket } = transport as unknown as { socket?: { extensions?: string } }
  return socket?.extensions?.includes('permessage-deflate') ?? false
}

/** A WebSocket server for engine.io with limits that depend on who connects. */
export function engineWithLimits(
  limitsOf: (request: IncomingMessage) => Limits,
): new (
  options: ServerOptions,
) => WebSocketServer {
  return class extends WebSocketServer {
    constructor(options: ServerOptions) {
      super({ ...options, WebSocket: PlainWebSocket })
    }
    override handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (client: WebSocket, request: IncomingMessage) => void,
    ): void {
      // Read by ws when it makes the connection, which it does before this returns.
      const { largest, deflates } = limitsOf(request)
      this.options.maxPayload = largest
      const offered = request.headers['sec-websocket-extensions'] ?? ''
      this.options.perMessageDeflate = deflates && OFFER.test(offered) && DEFLATE
      super.handleUpgrade(request, socket, head, done)
    }
  }
}
