import type { AgentToHub, HubToAgent, HubWay } from '@hopscope/protocol'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'

export type AgentSocket = Socket<HubToAgent, AgentToHub>

/**
 * Opens a socket that ends when the hub is silent by its own timer, and by that alone: socket.io looks at the time of day as
 * well, for browsers that hold timers back, and takes a clock that was set forwards for a hub that is gone.
 */
export function dial(url: string, options: Partial<ManagerOptions & SocketOptions>): AgentSocket {
  const socket: AgentSocket = io(url, options)
  socket.io.on('open', () => {
    socket.io.engine._hasPingExpired = () => false
  })
  return socket
}

/** The ends of a connection; undefined when it has just ended. */
export function wayOf(socket: AgentSocket): HubWay | undefined {
  // Not declared, as below.
  const { ws } = socket.io.engine.transport as { ws?: { _socket?: { localAddress?: string; remoteAddress?: string } } }
  const { localAddress: local, remoteAddress: remote } = ws?._socket ?? {}
  return local !== undefined && remote !== undefined ? { local, remote } : undefined
}

/** Bytes that the hub has not read yet. socket.io's own queue is handed on at once and always looks empty. */
export function buffered(socket: AgentSocket): number {
  const { transport } = socket.io.engine
  // Not declared, because other transports have no WebSocket; we ask for no other.
  const { ws } = transport as { ws?: { bufferedAmount?: number } }
  return ws?.bufferedAmount ?? 0
}
