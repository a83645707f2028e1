import type { Socket } from 'socket.io'

type Connection = Socket['conn']

/** Bytes that wait in this process because the other side does not read, roughly. */
export function bufferedBytes(connection: Connection): number {
  // What is asked for here is private by its type only; engine.io has no public count of what it holds back.
  const { transport, writeBuffer } = connection as unknown as {
    transport: { socket?: { bufferedAmount?: number } }
    writeBuffer: { data?: unknown }[]
  }
  let bytes = transport.socket?.bufferedAmount ?? 0
  for (const { data } of writeBuffer) if (typeof data === 'string' || Buffer.isBuffer(data)) bytes += data.length
  return bytes
}
