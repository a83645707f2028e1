import type { Reason, ReasonCode } from '@hopscope/command'
import type { HostInfo } from '@hopscope/model'
import { NetlinkError } from '@hopscope/netlink'
import type { Stories, ToldProof, ToldStory, TraceAnswer, TraceEnd, TraceRequest } from '@hopscope/protocol'
import { type Head, headOf, readFilter, type Story, TRACED_ALREADY, type TraceSummary } from '@hopscope/trace'
import type { RunningObserver } from '../observer.ts'
import type { Proof, Proven } from './proof.ts'
import { prove } from './prove.ts'
import type { OwnPorts } from './ruleset.ts'
import { type Capture, openCapture } from './session.ts'

/** Traces packets for the hub. */
export type Tracing = {
  ask(request: TraceRequest): Promise<TraceAnswer>
  /** Whoever asked is gone: all that is traced for the hub ends. */
  end(): void
}
export type TracingMessage = { type: 'stories'; message: Stories } | { type: 'traced'; message: TraceEnd }
type Options = {
  observer: Pick<RunningObserver, 'snapshot'> & { host: Pick<HostInfo, 'id'> }
  /** Passes a message on; `sent` is called once there is room for another one, or never. */
  send(message: TracingMessage, sent: () => void): void
  /** TCP ports of our own connections, looked up anew for each tracing. */
  own: () => OwnPorts
}

/** So many packets are told of in one message, and wait for the next one; those beyond are only counted. */
const MOST_TOLD = 64
/** Milliseconds between messages, and after which one that was not let in is given up. */
const EVERY = 150
const GIVEN_UP = 1_000
/** Ends that are remembered: the hub asks for one that it did not hear of. */
const MOST_ENDED = 8

/** One tracing at a time: two would tell each other's packets. */
export function createTracing({ observer, send, own }: Options): Tracing {
  let running: { id: string; stop(): void } | undefined
  let proving = false
  const ended = new Map<string, Promise<TraceSummary>>()

  function start({ id, filter, limit }: Extract<TraceRequest, { kind: 'trace' }>): TraceAnswer {
    if (running || proving || ended.has(id)) return denied('TRACED_ALREADY')
    const read = readFilter(filter, observer.snapshot().records)
    if (!read.ok) return { kind: 'filter', fault: read.fault }
    const { alternatives } = read
    const { snapshot } = observer
    const onStory: Post['tell'] = (story, packets) => post.tell(story, packets)
    const capture = openCapture({ alternatives, limit, snapshot, own: own(), onStory })
    const post = openPost({ hostId: observer.host.id, id, send, capture })
    const { namespaces, unavailable, legacy, done } = capture
    const over = done.then((summary) => {
      post.close()
      if (running?.id === id) running = undefined
      return summary
    })
    if (namespaces === 0) {
      capture.stop()
      const [first] = unavailable
      return first?.because === TRACED_ALREADY ? denied('TRACED_ALREADY') : denied('TRACING_FAILED', first?.because)
    }
    running = { id, stop: capture.stop }
    remember(ended, id, over)
    void over.then((summary) =>
      send({ type: 'traced', message: { hostId: observer.host.id, id, end: { summary } } }, () => undefined),
    )
    return { kind: 'started', id, namespaces, unavailable, legacy }
  }

  async function stop(id: string): Promise<TraceAnswer> {
    if (running?.id === id) running.stop()
    const summary = await ended.get(id)
    return summary ? { kind: 'ended', id, summary } : denied('TRACING_MISSING')
  }

  async function proofOf({ query }: Extract<TraceRequest, { kind: 'prove' }>): Promise<TraceAnswer> {
    if (running || proving) return denied('TRACED_ALREADY')
    proving = true
    try {
      const proof = await prove(query, observer.snapshot)
      return 'because' in proof ? { kind: 'unprovable', because: proof.because } : { kind: 'proof', proof: told(proof) }
    } finally {
      proving = false
    }
  }

  return {
    async ask(request) {
      try {
        switch (request.kind) {
          case 'trace':
            return start(request)
          case 'stop':
            return await stop(request.id)
          case 'prove':
            return await proofOf(request)
        }
      } catch (error) {
        // Not permitted, or not in this kernel.
        if (error instanceof NetlinkError) return denied('TRACING_FAILED', error.message)
        throw error
      }
    },
    end: () => running?.stop(),
  }
}

type Post = {
  tell(story: Story, packets: readonly Parameters<typeof headOf>[0][]): void
  close(): void
}
type PostOptions = Pick<Options, 'send'> & { hostId: string; id: string; capture: Pick<Capture, 'overruns'> }

/** Sends packets on in messages, one on its way at a time. */
function openPost({ hostId, id, send, capture }: PostOptions): Post {
  let waiting: ToldStory[] = []
  let [shown, partial, sentAt] = [0, 0, Number.NEGATIVE_INFINITY]
  const flush = () => {
    if (waiting.length === 0) return
    const stories = waiting
    waiting = []
    const at = performance.now()
    sentAt = at
    const { overruns } = capture
    send({ type: 'stories', message: { hostId, id, stories, shown, partial, overruns } }, () => {
      if (sentAt === at) sentAt = Number.NEGATIVE_INFINITY
    })
  }
  const timer = setInterval(() => {
    if (performance.now() - sentAt > GIVEN_UP) flush()
  }, EVERY)
  return {
    tell(story, [first]) {
      shown++
      if (story.partial) partial++
      if (waiting.length < MOST_TOLD) waiting.push(toldStory(story, first && headOf(first)))
    },
    close() {
      clearInterval(timer)
      flush()
    },
  }
}

/** With the time of day, which the hub and the page have as well. */
function toldStory({ at, flow, way, partial }: Story, head: Head | undefined): ToldStory {
  return {
    at: performance.timeOrigin + at,
    ...(flow && { flow }),
    way,
    partial,
    ...(head && { head: { l3: head.l3, ...(head.l4 !== undefined && { l4: head.l4 }) } }),
  }
}

function told({ prediction, forward, back, refused, asked, summary }: Proof): ToldProof {
  const { query, outcome, way } = prediction
  const one = ({ predicted, story, head }: Proven) => ({ predicted, story: toldStory(story, head) })
  return {
    query,
    prediction: {
      forward: prediction.forward,
      ...(prediction.back && { back: prediction.back }),
      outcome,
      way,
    },
    ...(forward && { forward: one(forward) }),
    ...(back && { back: one(back) }),
    ...(refused !== undefined && { refused }),
    ...(asked && { asked }),
    summary,
  }
}

function remember(ended: Map<string, Promise<TraceSummary>>, id: string, over: Promise<TraceSummary>): void {
  ended.set(id, over)
  const [oldest] = ended.keys()
  if (ended.size > MOST_ENDED && oldest !== undefined) ended.delete(oldest)
}

function denied(code: ReasonCode, detail?: string): TraceAnswer {
  const reason: Reason = { code, params: {}, ...(detail !== undefined && { detail }) }
  return { kind: 'denied', reason }
}
