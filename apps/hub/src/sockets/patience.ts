import type { Socket } from 'socket.io'

type Connection = Socket['conn']
type Spent = { messages: number; at: number }

// A page or agent of another build may send now and then what is not understood; a flood is something else.
const MOST = 100
const FORGIVEN_PER_SECOND = 1

/**
 * How long the hub bears with a connection. Whatever arrives counts, until somebody says that it was a message of ours:
 * what is refused, unknown events, namespaces, attachments and acknowledgements count alike, and bound the work they make.
 */
export type Patience = {
  /** Counts from now on what arrives on the connection. */
  watch(connection: Connection): void
  /** The message that arrived was one of ours. */
  accepted(connection: Connection): void
}

/** `onCut` is called right before a connection is closed. Time is the monotonic clock's, in milliseconds. */
export function createPatience(
  onCut: (connection: Connection) => void,
  now: () => number = () => performance.now(),
): Patience {
  const spent = new WeakMap<Connection, Spent>()

  function forgive(s: Spent): void {
    const seconds = Math.floor((now() - s.at) / 1000)
    if (seconds < 1) return
    s.messages = Math.max(0, s.messages - seconds * FORGIVEN_PER_SECOND)
    s.at += seconds * 1000
  }
  function judge(connection: Connection, s: Spent): void {
    if (s.messages <= MOST || connection.readyState !== 'open') return
    onCut(connection)
    connection.close()
  }

  return {
    watch(connection) {
      const s = { messages: 0, at: now() }
      spent.set(connection, s)
      connection.on('data', () => {
        forgive(s)
        s.messages++
        // Messages that came together are judged once all of them were looked at.
        if (s.messages > MOST) setImmediate(judge, connection, s)
      })
    },
    accepted(connection) {
      const s = spent.get(connection)
      if (s && s.messages > 0) s.messages--
    },
  }
}
