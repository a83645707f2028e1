import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'

/** A WebSocket server for engine.io whose largest message depends on who sends it. */
export function engineWithLimits(
  limitOf: (request: IncomingMessage) => number,
): new (
  options: ServerOptions,
) => WebSocketServer {
  return class extends WebSocketServer {
    override handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (client: WebSocket, request: IncomingMessage) => void,
    ): void {
      // Read by ws when it makes the connection, which it does before this returns.
      this.options.maxPayload = limitOf(request)
      super.handleUpgrade(request, socket, head, done)
    }
  }
}
