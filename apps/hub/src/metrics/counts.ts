import { ERROR_CODES, type ErrorCode } from '@hopscope/protocol'
import { Counter, Histogram, type Registry } from 'prom-client'

/** What the parts of the hub report as it happens. Everything else is read when somebody asks. */
export type Counts = {
  /** An HTTP request, a procedure or a connection was refused. */
  refused(code: ErrorCode): void
  /** A message was refused because it does not follow the protocol. */
  refusedMessage(from: 'agent' | 'page'): void
  /** A host's agent was asked for a whole snapshot. */
  resync(why: string): void
  /** A page could not apply a patch and asked for a snapshot. */
  pageResync(): void
  /** What a page got when it said hello, by host. */
  caughtUp(by: 'nothing' | 'patches' | 'snapshot'): void
  /** A page was cut because it did not read. */
  pageCut(): void
  /** A tracing that was asked for was refused, has ended, or lost its agent; or a packet was sent and its way proven. */
  traced(outcome: (typeof TRACED)[number]): void
  /** Packets of tracings that an agent told of, and whether the page could take them. */
  stories(to: 'page' | 'nobody', count: number): void
  /** A message of an agent, as long as it was on the wire. */
  received(event: string, bytes: number): void
}

const MESSAGES = ['patch', 'snapshot', 'samples', 'stories', 'other'] as const
const TRACED = ['ended', 'lost', 'refused', 'proof'] as const
/** Why a snapshot was asked for, by the words of `hosts.ts`; anything else is a diff that does not fit the state. */
const REASONS: Record<string, string> = {
  'a snapshot of another host': 'other_host',
  'a snapshot with a wrong hash': 'wrong_hash',
  'a patch with a wrong hash': 'wrong_hash',
  'a patch before any snapshot': 'no_snapshot',
  'a patch of another epoch': 'other_epoch',
  'a gap between patches': 'gap',
  'the agent is at another state': 'other_state',
  'a message that does not follow the protocol': 'unreadable',
}
const MISFIT = 'does_not_apply'

export function createCounts(registry: Registry): Counts {
  /** A counter whose label has these values and no others; all of them are told from the start, as 0. */
  function counter(
    name: string,
    help: string,
    label: string,
    values: Iterable<string>,
  ): (value: string, count?: number) => void {
    const made = new Counter({ name: `hopscope_hub_${name}`, help, labelNames: [label], registers: [registry] })
    for (const value of values) made.inc({ [label]: value }, 0)
    return (value, count = 1) => made.inc({ [label]: value }, count)
  }
  const refused = counter('refused_requests_total', 'Requests and connections refused.', 'reason', ERROR_CODES)
  const message = counter('refused_messages_total', 'Messages that do not follow the protocol.', 'from', [
    'agent',
    'page',
  ])
  const reasons = new Set([...Object.values(REASONS), MISFIT])
  const resync = counter(
    'resyncs_total',
    "Snapshots asked for because an agent's message did not fit.",
    'reason',
    reasons,
  )
  const caughtUp = counter('page_catch_ups_total', 'What pages got when they connected, by host.', 'by', [
    'nothing',
    'patches',
    'snapshot',
  ])
  const traced = counter('tracings_total', 'Tracings and proofs that pages asked for.', 'outcome', TRACED)
  const stories = counter('traced_packets_total', 'Packets that agents told of.', 'to', ['page', 'nobody'])
  const registers = [registry]
  const pageResyncs = new Counter({
    name: 'hopscope_hub_page_resyncs_total',
    help: 'Snapshots that pages asked for because a patch did not fit.',
    registers,
  })
  const cut = new Counter({
    name: 'hopscope_hub_pages_cut_total',
    help: 'Pages whose connection was ended because they did not read.',
    registers,
  })
  const sizes = new Histogram({
    name: 'hopscope_hub_message_bytes',
    help: 'Size of messages from agents, as received.',
    labelNames: ['event'],
    buckets: [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216],
    registers,
  })
  for (const event of MESSAGES) sizes.zero({ event })
  const events = new Set<string>(MESSAGES)
  return {
    refused,
    refusedMessage: message,
    resync: (why) => resync(REASONS[why] ?? MISFIT),
    pageResync: () => pageResyncs.inc(),
    caughtUp,
    pageCut: () => cut.inc(),
    traced,
    stories,
    received: (event, bytes) => sizes.observe({ event: events.has(event) ? event : 'other' }, bytes),
  }
}
