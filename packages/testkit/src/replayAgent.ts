import { randomUUID } from 'node:crypto'
import { diff, type HostSnapshot, type Samples, stateHash } from '@hopscope/model'
import {
  AGENTS,
  type AgentToHub,
  type HubToAgent,
  type PatchMessage,
  PROTOCOL_VERSION,
  partOf,
  planParts,
  type SnapshotMessage,
  type Watch,
} from '@hopscope/protocol'
import { io, type Socket } from 'socket.io-client'

export type ReplayOptions = {
  /** The hub's address, as hub.json says it. */
  url: string
  /** What agent.key holds. */
  key: string
  snapshots: HostSnapshot[]
  /** Called when the hub says what pages look at. */
  onWatch?: (watch: Watch) => void
  /** Called when the hub asks for a snapshot, which is sent by itself. */
  onResync?: (hostId: string) => void
  /** PROTOCOL_VERSION unless told otherwise. */
  protocol?: number
}

export type ReplayAgent = {
  socket: Socket<HubToAgent, AgentToHub>
  /** Makes `next` the state of its host and sends what changed. Returns the message. */
  patch(hostId: string, next: HostSnapshot): PatchMessage
  /** The newest state of a host, as a snapshot message. */
  snapshotMessage(hostId: string): SnapshotMessage
  gone(hostId: string): void
  samples(samples: Samples): void
  close(): void
}

type Replayed = { snapshot: HostSnapshot; revision: number }

/** An agent without a kernel: serves recorded hosts to a hub, as a real one does. Resolves once the hub let it in; rejects with the code of the refusal. */
export async function replayAgent(options: ReplayOptions): Promise<ReplayAgent> {
  const epoch = randomUUID()
  const hosts = new Map<string, Replayed>(
    options.snapshots.map((snapshot) => [snapshot.host.id, { snapshot, revision: 1 }]),
  )
  const socket: Socket<HubToAgent, AgentToHub> = io(`${options.url}${AGENTS}`, {
    transports: ['websocket'],
    extraHeaders: { authorization: `Bearer ${options.key}` },
    auth: { key: options.key, protocol: options.protocol ?? PROTOCOL_VERSION },
    forceNew: true,
  })

  function replayed(hostId: string): Replayed {
    const host = hosts.get(hostId)
    if (!host) throw new Error(`the host ${hostId} is not replayed`)
    return host
  }
  function snapshotMessage(hostId: string): SnapshotMessage {
    const { snapshot, revision } = replayed(hostId)
    return { hostId, version: { epoch, revision }, hash: stateHash(snapshot.records), snapshot }
  }

  /** As an agent does: a large one in parts. */
  function sendSnapshot(hostId: string): void {
    const message = snapshotMessage(hostId)
    const plan = planParts(message)
    if (plan) for (const at of plan.parts.keys()) socket.emit('part', partOf(plan, at))
    else socket.emit('snapshot', message)
  }

  socket.on('resync', ({ hostId }) => {
    options.onResync?.(hostId)
    sendSnapshot(hostId)
  })
  socket.on('watch', (watch) => options.onWatch?.(watch))
  // A hub that is stopped in good order says goodbye; an agent comes back then as well.
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect') socket.connect()
  })
  // At each connection, also after the hub was away.
  socket.on('connect', () => {
    for (const hostId of hosts.keys()) sendSnapshot(hostId)
  })
  await connected(socket)

  return {
    socket,
    snapshotMessage,
    patch(hostId, next) {
      const host = replayed(hostId)
      const changes = diff(host.snapshot.records, next.records)
      const message = {
        hostId,
        epoch,
        from: host.revision,
        to: host.revision + 1,
        hash: stateHash(next.records),
        diff: changes,
      }
      hosts.set(hostId, { snapshot: next, revision: message.to })
      socket.emit('patch', message)
      return message
    },
    gone(hostId) {
      hosts.delete(hostId)
      socket.emit('gone', { hostId })
    },
    samples: (samples) => socket.emit('samples', samples),
    close: () => socket.disconnect(),
  }
}

/** Rejects when the first attempt fails; later ones are repeated until the hub is back. */
function connected(socket: Socket<HubToAgent, AgentToHub>): Promise<void> {
  return new Promise((resolve, reject) => {
    function refused(error: Error): void {
      socket.disconnect()
      // The hub puts its code into `data`; a refused connection has none.
      reject('data' in error ? new Error(JSON.stringify(error.data), { cause: error }) : error)
    }
    socket.once('connect_error', refused)
    socket.once('connect', () => {
      socket.off('connect_error', refused)
      resolve()
    })
  })
}
