import { apply, type Diff, diff, emptySnapshot, type Records, stateHash } from '@hopscope/model'
import {
  type Change,
  type HubToBrowser,
  type PatchMessage,
  PROTOCOL_VERSION,
  partOf,
  planParts,
  type SnapshotMessage,
} from '@hopscope/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connectionOf } from './hooks.ts'
import { HostStore } from './hostStore.ts'
import { Stream, type Wire } from './stream.ts'

const host = {
  id: 'h',
  name: 'h',
  vantage: { kind: 'host' as const },
  kernel: '6',
  bootId: 'b',
  rootNetns: 'ns:1',
  agentVersion: '0',
  privileged: true,
}
const empty = emptySnapshot(host)

/** An agent that counts revisions and can be asked for its state. */
class Agent {
  records: Records = empty.records
  revision = 1
  epoch = 'e1'

  change(d: Diff): PatchMessage {
    const from = this.revision++
    this.records = apply(this.records, d)
    return { hostId: 'h', epoch: this.epoch, from, to: this.revision, hash: stateHash(this.records), diff: d }
  }
  to(n: number, names: string[]): PatchMessage {
    const link = Object.fromEntries(names.map((name, i) => [`neigh:1:${i}:${n}`, neighbour(`neigh:1:${i}:${n}`, name)]))
    return this.change(diff(this.records, { ...this.records, neighbour: link }))
  }
  restart(): void {
    this.epoch += '+'
    this.revision = 1
  }
  snapshot(): SnapshotMessage {
    return {
      hostId: 'h',
      version: { epoch: this.epoch, revision: this.revision },
      hash: stateHash(this.records),
      snapshot: { host, records: this.records },
    }
  }
}

const neighbour = (id: string, address: string) => ({
  id,
  netns: 'ns:1',
  index: 1,
  family: 'inet' as const,
  address,
  state: 'REACHABLE' as const,
  proxy: false,
  router: false,
  externLearn: false,
})

/** A socket in memory that remembers what the page said. */
class Line implements Wire {
  connected = true
  said: { event: string; message: unknown }[] = []
  // Listeners of different events take different messages; `hear` is what keeps them apart.
  #listeners = new Map<string, (m: never) => void>()
  on = (event: string, listener: (m: never) => void) => this.#listeners.set(event, listener)
  emit = (event: string, message: unknown) => this.said.push({ event, message })
  hear<E extends keyof HubToBrowser>(event: E, ...m: Parameters<HubToBrowser[E]>): void {
    this.#listeners.get(event)?.(m[0] as never) // as registered for this event
  }
  happen(event: 'connect' | 'disconnect'): void {
    this.#listeners.get(event)?.(undefined as never) // these carry no message
  }
  fail(code: string): void {
    this.#listeners.get('connect_error')?.(Object.assign(new Error(code), { data: { code } }) as never) // takes errors
  }
  count = (event: string) => this.said.filter((s) => s.event === event).length
}

function page() {
  const frames: (() => void)[] = []
  const timers: (() => void)[] = []
  const clock = { time: 1_000 }
  const stream = new Stream({
    now: () => clock.time,
    frame: (run) => frames.push(run),
    later: (_, run) => timers.push(run),
  })
  const line = new Line()
  stream.attach(line)
  const flush = (queue: (() => void)[]) => {
    for (const run of queue.splice(0)) run()
  }
  return { stream, line, clock, frame: () => flush(frames), timers: () => flush(timers), frames }
}

describe('stream', () => {
  it('[S1] converges to the agent under any loss, duplication and reordering', () => {
    const faults = fc.array(
      fc.record({
        names: fc.array(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'), { maxLength: 3 }),
        n: fc.integer({ min: 0, max: 2 }),
        fault: fc.constantFrom('none', 'drop', 'twice', 'late', 'restart', 'corrupt'),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(faults, (steps) => {
        const agent = new Agent()
        const store = new HostStore()
        store.receiveHosts([{ host, status: 'live', since: 0, version: { epoch: 'e1', revision: 1 } }])
        store.receiveSnapshot(agent.snapshot(), 0)
        const late: PatchMessage[] = []
        const hear = (p: PatchMessage) => {
          if (store.receivePatch(p, 0) === 'resync') store.receiveSnapshot(agent.snapshot(), 0)
        }
        for (const { names, n, fault } of steps) {
          if (fault === 'restart') agent.restart()
          const patch = agent.to(n, names)
          if (fault === 'late') late.push(patch)
          else if (fault === 'corrupt') hear({ ...patch, hash: '0'.repeat(16) })
          else if (fault !== 'drop') hear(patch)
          if (fault === 'twice') hear(patch)
          if (fault === 'none') for (const p of late.splice(0).reverse()) hear(p)
        }
        hear(agent.to(0, ['10.9.9.9']))
        const held = store.hosts.get('h')
        expect(held?.snapshot?.records).toEqual(agent.records)
        expect(held?.hash).toBe(stateHash(agent.records))
      }),
    )
  })

  it('[S2] asks once for a resync and applies what follows the snapshot', () => {
    const { stream, line } = page()
    const agent = new Agent()
    line.hear('snapshot', agent.snapshot())
    agent.to(0, ['10.0.0.1']) // lost
    line.hear('patch', agent.to(1, ['10.0.0.2']))
    line.hear('patch', agent.to(2, ['10.0.0.3']))
    expect(line.count('resync')).toBe(1)
    line.hear('snapshot', agent.snapshot())
    line.hear('patch', agent.to(0, ['10.0.0.4']))
    expect(stream.store.hosts.get('h')?.snapshot?.records).toEqual(agent.records)
    expect(line.count('resync')).toBe(1)
  })

  it('[S3] tells readers of the first change at once, then once per frame, whatever arrived in it', () => {
    const { stream, line, frame, frames } = page()
    const agent = new Agent()
    let told = 0
    stream.subscribe(() => told++)
    frame()
    told = 0
    line.hear('snapshot', agent.snapshot())
    expect(told).toBe(1)
    for (let i = 0; i < 20; i++) line.hear('patch', agent.to(0, [`10.0.0.${i}`]))
    expect(frames).toHaveLength(1)
    expect(told).toBe(1)
    frame()
    expect(told).toBe(2)
    // The frame after it has nothing to tell, and asks for no other one.
    frame()
    expect(told).toBe(2)
    expect(frames).toHaveLength(0)
  })

  it('[S4] marks changed records for five seconds, first snapshots not at all', () => {
    const { stream, line, clock, timers } = page()
    const agent = new Agent()
    agent.to(0, ['10.0.0.1'])
    line.hear('snapshot', agent.snapshot())
    expect(stream.store.changes('h').size).toBe(0)
    line.hear('patch', agent.to(0, ['10.0.0.2']))
    expect([...stream.store.changes('h')]).toEqual([['neigh:1:0:0', 1_000]])
    clock.time += 4_000
    timers()
    expect(stream.store.changes('h').size).toBe(1)
    clock.time += 1_001
    timers()
    expect(stream.store.changes('h').size).toBe(0)
  })

  it('[S5] unchanged tables and records keep their identity over patches and resyncs', () => {
    const { stream, line } = page()
    const agent = new Agent()
    agent.to(0, ['10.0.0.1', '10.0.0.2'])
    line.hear('snapshot', agent.snapshot())
    const before = stream.store.hosts.get('h')?.snapshot?.records
    line.hear('snapshot', structuredClone(agent.snapshot()))
    const after = stream.store.hosts.get('h')?.snapshot?.records
    expect(after?.neighbour).toBe(before?.neighbour)
    expect(after?.link).toBe(before?.link)
  })

  it('[S6] after a reconnect it says what it holds and what it watches', () => {
    const { stream, line } = page()
    const agent = new Agent()
    line.hear('snapshot', agent.snapshot())
    const first = stream.samples.watch('h', 'links')
    const second = stream.samples.watch('h', 'links')
    expect(line.count('watch')).toBe(1)
    line.said = []
    line.happen('disconnect')
    expect(stream.link.state).toBe('disconnected')
    line.happen('connect')
    expect(line.said).toEqual([
      { event: 'hello', message: { protocol: PROTOCOL_VERSION, known: { h: { epoch: 'e1', revision: 1 } } } },
      { event: 'watch', message: { hostId: 'h', topics: ['links'] } },
    ])
    first()
    first()
    expect(line.count('watch')).toBe(1)
    second()
    expect(line.said.at(-1)).toEqual({ event: 'watch', message: { hostId: 'h', topics: [] } })
  })

  it('[S9] asks for what marks show it to have missed, and again when the answer is lost', () => {
    const { stream, line, clock } = page()
    const agent = new Agent()
    const mark = () => [{ hostId: 'h', version: agent.snapshot().version, hash: agent.snapshot().hash }]
    line.hear('marks', mark())
    expect(line.count('resync')).toBe(1) // its first snapshot was lost
    line.hear('snapshot', agent.snapshot())
    line.hear('marks', mark())
    expect(line.count('resync')).toBe(1)
    agent.to(0, ['10.0.0.1']) // the last patch for long, and lost
    line.hear('marks', mark())
    expect(line.count('resync')).toBe(2)
    clock.time += 1_000
    line.hear('marks', mark())
    expect(line.count('resync')).toBe(2)
    clock.time += 9_000
    line.hear('marks', mark())
    expect(line.count('resync')).toBe(3)
    line.hear('snapshot', agent.snapshot())
    line.hear('marks', mark())
    expect(line.count('resync')).toBe(3)
    expect(stream.store.hosts.get('h')?.snapshot?.records).toEqual(agent.records)
  })

  it('[S7] keeps the sample before, so that rates follow', () => {
    const { stream, line } = page()
    const stop = stream.samples.watch('h', 'rules')
    line.hear('samples', { hostId: 'h', at: 1_000, rules: { a: { packets: 1, bytes: 10 } } })
    line.hear('samples', { hostId: 'h', at: 2_000, rules: { a: { packets: 5, bytes: 50 } } })
    expect(stream.samples.get('h', 'rules')).toEqual({
      at: 2_000,
      values: { a: { packets: 5, bytes: 50 } },
      previous: { at: 1_000, values: { a: { packets: 1, bytes: 10 } } },
    })
    stop()
    expect(stream.samples.get('h', 'rules')).toBeUndefined()
  })

  it('[S8] the worst of link and hosts is the connection', () => {
    const { stream, line } = page()
    const status = (id: string, s: 'live' | 'stale') => ({
      host: { ...host, id, name: id },
      status: s,
      since: 500,
      // Nothing to catch up with.
      version: { epoch: '', revision: 0 },
    })
    const now = () => connectionOf(stream.link, stream.store.hosts)
    line.hear('hosts', [status('a', 'live'), status('b', 'live')])
    expect(now()).toMatchObject({ state: 'live' })
    line.hear('hosts', [status('a', 'live'), status('b', 'stale')])
    expect(now()).toMatchObject({ state: 'stale', since: 500, staleHosts: ['b'] })
    line.happen('disconnect')
    expect(now()).toMatchObject({ state: 'disconnected' })
    line.fail('UNAUTHENTICATED')
    expect(now()).toMatchObject({ state: 'disconnected', refused: 'UNAUTHENTICATED' })
    line.hear('hosts', [status('a', 'live')])
    expect([...stream.store.hosts.keys()]).toEqual(['a'])
  })

  it('[S9] is catching up until it holds what the hub told of', () => {
    const { stream, line } = page()
    const agent = new Agent()
    const list = () => [{ host, status: 'live' as const, since: 0, version: agent.snapshot().version }]
    const state = () => connectionOf(stream.link, stream.store.hosts).state
    line.happen('connect')
    line.hear('hosts', list())
    expect(state()).toBe('catchingUp')
    line.hear('snapshot', agent.snapshot())
    expect(state()).toBe('live')
    const missed = [agent.to(0, ['10.0.0.1']), agent.to(1, ['10.0.0.2'])]
    line.hear('hosts', list())
    for (const patch of missed) {
      expect(state()).toBe('catchingUp')
      line.hear('patch', patch)
    }
    expect(state()).toBe('live')
    agent.restart()
    line.hear('hosts', list())
    expect(state()).toBe('catchingUp')
    // Newer than what was told of.
    agent.to(0, ['10.0.0.3'])
    line.hear('snapshot', agent.snapshot())
    expect(state()).toBe('live')
  })

  it('[S11] hears of changes while somebody listens, and says so on every connection', () => {
    const { stream, line } = page()
    const change: Change = {
      ...{ id: '1', at: 1, by: 'ada', steps: [], lost: [], state: 'running' },
      command: { do: 'link.up', netns: 'root', link: 'a' },
      title: { code: 'link.up', params: {} },
    }
    const told = { heard: [] as string[], missed: 0 }
    const listen = () =>
      stream.onProgress({ progress: (p) => told.heard.push(p.change.state), missed: () => told.missed++ })
    line.happen('connect')
    expect(line.count('watchChanges')).toBe(0)
    const [end, endOther] = [listen(), listen()]
    expect(line.said.filter(({ event }) => event === 'watchChanges')).toEqual([
      { event: 'watchChanges', message: { on: true } },
    ])
    line.hear('progress', { hostId: 'h', change })
    line.hear('progress', { hostId: 'h', change: { ...change, state: 'melted' } } as never)
    expect(told).toEqual({ heard: ['running', 'running'], missed: 0 })
    line.happen('disconnect')
    line.happen('connect')
    expect(line.count('watchChanges')).toBe(2)
    expect(told.missed).toBe(2)
    end()
    end()
    expect(line.count('watchChanges')).toBe(2)
    endOther()
    expect(line.said.at(-1)).toEqual({ event: 'watchChanges', message: { on: false } })
  })

  it('[S10] joins the parts of a large snapshot and tells that it got each', () => {
    const { stream, line } = page()
    const agent = new Agent()
    agent.to(
      0,
      Array.from({ length: 900 }, (_, i) => `10.0.${i >> 8}.${i & 255}`),
    )
    const plan = planParts(agent.snapshot())
    if (!plan) throw new Error('it was not divided')
    line.hear('part', partOf(plan, 0))
    // The connection broke; what was begun does not count on the next one.
    line.happen('disconnect')
    line.happen('connect')
    for (const at of plan.parts.keys()) {
      expect(stream.store.hosts.get('h')).toBeUndefined()
      line.hear('part', partOf(plan, at))
    }
    expect(stream.store.hosts.get('h')?.snapshot?.records).toEqual(agent.records)
    expect(line.count('got')).toBe(plan.parts.length + 1)
  })
})

describe('tracings', () => {
  it('are heard of as far as they are understood, and end with the connection', () => {
    const { stream, line } = page()
    const heard: string[] = []
    const forget = stream.onTracing({
      stories: ({ shown }) => heard.push(`stories ${shown}`),
      traced: ({ id }) => heard.push(`traced ${id}`),
      gone: () => heard.push('gone'),
    })
    const message = { hostId: 'h', id: 't', stories: [], shown: 3, partial: 0, overruns: 0 }
    line.hear('stories', message)
    line.hear('stories', { ...message, shown: -1 })
    line.hear('traced', { hostId: 'h', id: 't', end: { reason: { code: 'X', params: {} } } })
    line.happen('disconnect')
    forget()
    line.hear('stories', message)
    expect(heard).toEqual(['stories 3', 'traced t', 'gone'])
  })
})
