import { applyToSnapshot, type HostSnapshot, type Samples, stateHash } from '@hopscope/model'
import {
  BROWSERS,
  type BrowserToHub,
  createJoiner,
  type HostStatus,
  type HubToBrowser,
  PROTOCOL_VERSION,
  type Progress,
  type SnapshotMessage,
  type Stories,
  type TraceEnd,
  type Version,
} from '@hopscope/protocol'
import { io, type Socket } from 'socket.io-client'
import { onTestFinished } from 'vitest'

export type Page = {
  socket: Socket<HubToBrowser, BrowserToHub>
  hosts: HostStatus[]
  /** What the page holds by applying what it was sent, and in which version. */
  states: Map<string, { snapshot: HostSnapshot; version: Version; hash: string }>
  /** The names of the messages in the order of their arrival. */
  received: string[]
  samples: Samples[]
  progress: Progress[]
  stories: Stories[]
  traced: TraceEnd[]
}

/** Opens a page's connection and says hello; rejects with the code when it is refused. */
export async function openPage(t: { hub: { url: string } }, cookie: string, from?: Page): Promise<Page> {
  const socket: Page['socket'] = io(`${t.hub.url}${BROWSERS}`, {
    transports: ['websocket'],
    extraHeaders: { origin: t.hub.url, cookie },
    forceNew: true,
    reconnection: false,
  })
  onTestFinished(() => {
    socket.disconnect()
  })
  const told = { received: [], samples: [], progress: [], stories: [], traced: [] }
  const page: Page = { socket, hosts: [], states: new Map(from?.states), ...told }
  listen(page)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('connect_error', reject)
  })
  const known = Object.fromEntries([...page.states].map(([id, { version }]) => [id, version]))
  socket.emit('hello', { protocol: PROTOCOL_VERSION, known })
  return page
}

function listen(page: Page): void {
  page.socket.on('hosts', (hosts) => {
    page.hosts = hosts
    page.received.push('hosts')
  })
  const joiner = createJoiner()
  function hold({ hostId, snapshot, version, hash }: SnapshotMessage): void {
    if (stateHash(snapshot.records) !== hash) throw new Error('a snapshot is not what it says')
    page.states.set(hostId, { snapshot, version, hash })
    page.received.push('snapshot')
  }
  page.socket.on('snapshot', hold)
  page.socket.on('part', (part) => {
    page.received.push('part')
    page.socket.emit('got', { hostId: part.hostId })
    const whole = joiner.take(part)
    if (whole) hold(whole)
  })
  page.socket.on('patch', (patch) => {
    const held = page.states.get(patch.hostId)
    if (held?.version.epoch !== patch.epoch || held.version.revision !== patch.from)
      throw new Error(`a patch from ${patch.from} does not fit ${held?.version.revision}`)
    const snapshot = applyToSnapshot(held.snapshot, patch.diff)
    if (stateHash(snapshot.records) !== patch.hash) throw new Error('a patch led to another state')
    page.states.set(patch.hostId, { snapshot, version: { epoch: patch.epoch, revision: patch.to }, hash: patch.hash })
    page.received.push('patch')
  })
  page.socket.on('samples', (samples) => page.samples.push(samples))
  page.socket.on('progress', (progress) => page.progress.push(progress))
  page.socket.on('stories', (stories) => page.stories.push(stories))
  page.socket.on('traced', (traced) => page.traced.push(traced))
  page.socket.on('refused', ({ code }) => page.received.push(code))
}
