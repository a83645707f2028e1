import { applyToSnapshot, type HostSnapshot, type Samples, stateHash } from '@hopscope/model'
import { createJoiner, type SnapshotMessage } from '@hopscope/protocol'
import type { SandboxHost } from '@hopscope/sandbox'
import { pino } from 'pino'
import type { FeedMessage, HostFeed } from '../../src/feed.ts'
import { openVantage } from '../../src/vantage.ts'

export type Followed = {
  readonly feed: HostFeed
  state(): HostSnapshot
  samples(): Samples | undefined
  /** Resolves at the first message after which the predicate holds; rejects after the limit. */
  until<T>(look: (state: HostSnapshot) => T | undefined | false, limitMs?: number): Promise<T>
  patches(): number
  close(): Promise<void>
}

/** Follows a sandbox host as the hub does: a snapshot, then patches, each checked against its hash. */
export async function follow(sandbox: string, host: SandboxHost): Promise<Followed> {
  let state: HostSnapshot | undefined
  let revision = 0
  let patches = 0
  let samples: Samples | undefined
  const waiting = new Set<() => void>()
  const joiner = createJoiner()
  const take = (message: SnapshotMessage) => {
    state = message.snapshot
    revision = message.version.revision
  }
  const onMessage = (message: FeedMessage) => {
    if (message.type === 'samples') samples = message.message
    else if (message.type === 'snapshot') take(message.message)
    else if (message.type === 'part') {
      const whole = joiner.take(message.message)
      if (whole) take(whole)
    } else if (message.type === 'patch') {
      const { from, to, diff, hash } = message.message
      if (state === undefined || from !== revision) throw new Error(`patch from ${from}, but we are at ${revision}`)
      state = applyToSnapshot(state, diff)
      revision = to
      patches++
      if (stateHash(state.records) !== hash) throw new Error(`revision ${to} has another hash`)
    }
    for (const look of waiting) look()
  }
  let feed: HostFeed | undefined
  const ref = { sandbox, host: host.name, initPid: host.initPid }
  const log = pino({ level: 'silent' })
  const vantage = await new Promise<Awaited<ReturnType<typeof openVantage>>>((resolve, reject) => {
    const onReady = (ready: HostFeed) => {
      feed = ready
      ready.resync()
      opened.then(resolve, reject)
    }
    const onEnd = () => reject(new Error('the observer ended'))
    const opened = openVantage(ref, { log, onReady, onMessage, onEnd })
    opened.catch(reject)
  })
  if (feed === undefined) throw new Error('ready without a feed')
  const current = () => {
    if (state === undefined) throw new Error('no snapshot yet')
    return state
  }
  const until: Followed['until'] = (look, limitMs = 10_000) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(check)
        reject(new Error(`not seen within ${limitMs} ms: ${look}`))
      }, limitMs)
      const check = () => {
        const found = state && look(state)
        if (found === undefined || found === false) return
        clearTimeout(timer)
        waiting.delete(check)
        resolve(found)
      }
      waiting.add(check)
      check()
    })
  await until(() => true)
  return {
    feed,
    state: current,
    samples: () => samples,
    until,
    patches: () => patches,
    close: () => vantage.close(),
  }
}
