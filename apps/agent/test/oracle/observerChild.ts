import { readdirSync, readlinkSync } from 'node:fs'
import { type HostSnapshot, RECORD_KINDS, same } from '@hopscope/model'
import { startObserver } from '../../src/observer.ts'
import { type Ask, askSchema } from './observed.ts'

// Runs inside a sandbox host, as the agent does, and tells what the page would show. Nothing is read because it is asked.
const receiveBuffer = process.argv[2]
const observer = await startObserver({
  vantage: { kind: 'sandbox', sandbox: 'oracle', rootless: false },
  ...(receiveBuffer !== undefined && { receiveBuffer: Number(receiveBuffer) }),
})
const { store } = observer

process.on('message', async (raw) => {
  const ask: Ask = askSchema.parse(raw)
  if (ask.kind === 'look') await newer(ask.than, ask.withinMs)
  const found = ask.kind === 'audit' ? await audit() : []
  const { snapshot, revision } = store.current()
  process.send?.({ snapshot, revision, found, ...held(), stats: { ...observer.stats(), ...memory(ask.kind) } })
})
process.on('disconnect', async () => {
  await observer.close()
  process.exit(0)
})
process.send?.('ready')

/** Resolves at the first revision after `than`, or when the time is over. */
function newer(than: number, withinMs: number): Promise<void> {
  if (store.current().revision > than) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      unsubscribe()
      resolve()
    }
    const timer = setTimeout(done, withinMs)
    const unsubscribe = store.subscribe(done)
  })
}

/**
 * What only reading everything again finds: the records that events and polls left wrong. When something was announced
 * meanwhile (an address check ended), it is not known what the event alone would have done: then nothing is said.
 */
async function audit(): Promise<string[]> {
  const before = observer.snapshot()
  const { heard } = observer.stats()
  await observer.refresh()
  return observer.stats().heard === heard ? changed(before, observer.snapshot()) : []
}

/** Moves by itself, so that two readings always differ. */
const RESTLESS = ['conntrack', 'neighbour', 'netns', 'socket']

function changed(before: HostSnapshot, after: HostSnapshot): string[] {
  return RECORD_KINDS.filter((kind) => !RESTLESS.includes(kind)).flatMap((kind) => {
    const ids = new Set([...Object.keys(before.records[kind]), ...Object.keys(after.records[kind])])
    return [...ids].flatMap((id) => {
      const [was, is] = [before.records[kind][id], after.records[kind][id]]
      return same(was, is) ? [] : [`${kind} ${id}: ${JSON.stringify(was)} → ${JSON.stringify(is)}`]
    })
  })
}

function memory(kind: Ask['kind']): Record<string, number> {
  if (kind !== 'memory') return {}
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}

function held(): { descriptors: number; pinned: string[] } {
  const own = readlinkSync('/proc/thread-self/ns/net')
  const descriptors = readdirSync('/proc/self/fd')
  const targets = descriptors.flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch (error) {
      // The descriptor of the listing itself is gone by now.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
  })
  const pinned = targets.filter((target) => target.startsWith('net:[') && target !== own)
  return { descriptors: descriptors.length, pinned }
}
