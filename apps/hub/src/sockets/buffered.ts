import type { Socket } from 'socket.io'

type Connection = Socket['conn']

/** Bytes that wait in this process because the other side does not read. */
export function bufferedBytes(connection: Connection): number {
  // What is asked for here is private by its type only; engine.io has no public count of what it holds back.
  const { transport, writeBuffer } = connection as unknown as {
    transport: { socket?: { bufferedAmount?: number } }
    writeBuffer: { data?: unknown; options?: { wsPreEncodedFrame?: Buffer[] } }[]
  }
  let bytes = transport.socket?.bufferedAmount ?? 0
  for (const { data, options } of writeBuffer) {
    const frame = options?.wsPreEncodedFrame?.[0]
    if (frame) bytes += frame.length
    else if (typeof data === 'string' || Buffer.isBuffer(data)) bytes += data.length
  }
  return bytes
}
