import { type HostSnapshot, hostSnapshotSchema } from '@hopscope/model'
import type { Query } from '@hopscope/path'
import { isStart, readFilter } from '@hopscope/trace'
import { captureLimitSchema } from '../../src/capture/limit.ts'
import { prove } from '../../src/capture/prove.ts'
import { type Capture, openCapture } from '../../src/capture/session.ts'
import type { RunningObserver } from '../../src/observer.ts'
import { type ToCapture, toCaptureSchema } from './capturing.ts'

// Runs inside a sandbox host, as the agent does, and traces what it is asked for. With a snapshot it needs no observer.
let observer: RunningObserver | undefined
let capture: Capture | undefined

/** An error means that the test has just gone: `disconnect` follows. */
function tell(message: object): void {
  process.send?.(message, undefined, undefined, () => undefined)
}

async function snapshotNow(): Promise<HostSnapshot> {
  // Loaded when it is wanted: most of these processes only trace, and end soon.
  const { startObserver } = await import('../../src/observer.ts')
  observer ??= await startObserver({ vantage: { kind: 'sandbox', sandbox: 'trace', rootless: false } })
  await observer.quiet()
  return observer.snapshot()
}

async function trace({ filter, limit, snapshot, receiveBuffer }: Extract<ToCapture, { kind: 'trace' }>): Promise<void> {
  const read = readFilter(filter, { container: {} })
  if (!read.ok) throw new Error(`not a filter: ${filter}`)
  const known = snapshot === undefined ? await snapshotNow() : hostSnapshotSchema.parse(snapshot)
  capture = openCapture({
    alternatives: read.alternatives,
    limit: captureLimitSchema.parse(limit),
    snapshot: () => observer?.snapshot() ?? known,
    own: [7117],
    ...(receiveBuffer !== undefined && { receiveBuffer }),
    onStory: (story, packets) =>
      tell({ kind: 'story', story, starts: packets.flatMap(({ events }) => events).filter(isStart).length }),
  })
  tell({ kind: 'armed', namespaces: capture.namespaces })
  tell({ kind: 'summary', summary: await capture.done })
}

process.on('message', async (raw) => {
  const message = toCaptureSchema.parse(raw)
  if (message.kind === 'trace') await trace(message)
  else if (message.kind === 'stop') capture?.stop()
  else if (message.kind === 'prove') {
    // As this very test made it.
    const first = await snapshotNow()
    const known = () => observer?.snapshot() ?? first
    tell({ kind: 'proof', proof: await prove(message.query as Query, known) })
  } else tell({ kind: 'snapshot', snapshot: await snapshotNow() })
})
process.on('disconnect', async () => {
  await observer?.close()
  process.exit(0)
})
tell({ kind: 'up', pid: process.pid })
