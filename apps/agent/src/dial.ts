import type { AgentToHub, HubToAgent } from '@hopscope/protocol'
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
