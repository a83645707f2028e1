import {
  conntrackId,
  type FwRule,
  fdbId,
  fwRuleId,
  type LinkCounters,
  linkId,
  neighbourId,
  type Samples,
  type SampleTopic,
} from '@hopscope/model'
import {
  dumpConntrack,
  dumpFdb,
  dumpLinks,
  dumpNeighbours,
  dumpNftRules,
  type LinkStatistics,
  NETLINK,
  type NetlinkSocket,
  withNetlink,
} from '@hopscope/netlink'
import { nextTurn } from '../nextTurn.ts'
import type { NetnsEntry, ObserverContext } from './contract.ts'
import { readLegacyCounters } from './legacyCounters.ts'
import { inNetns, type Namespaces } from './namespaces.ts'
import { failureOf } from './sourceState.ts'

export type Sampler = {
  /** What somebody looks at from now on; an empty list ends the sampling. */
  watch(topics: readonly SampleTopic[]): void
  close(): void
}

const EVERY = 1_000
/** Sampling takes at most a fifth of the time: with many connections, or namespaces, it comes less often. */
const REST = 4
/** Milliseconds of a turn of the event loop that sampling may take. */
const SLICE = 8

/** Reads what moves all the time, once a second and only while somebody looks at it. */
export function createSampler(
  context: ObserverContext,
  namespaces: Namespaces,
  emit: (samples: Samples) => void,
): Sampler {
  let topics: readonly SampleTopic[] = []
  let stop: (() => void) | undefined
  let working = false
  let restUntil = 0

  const sample = async () => {
    if (working || performance.now() < restUntil) return
    working = true
    try {
      const began = performance.now()
      const samples = await takeSamples(context, namespaces, topics)
      restUntil = performance.now() + (performance.now() - began) * REST
      if (topics.length > 0) emit(samples)
    } finally {
      working = false
    }
  }
  const close = () => {
    stop?.()
    stop = undefined
  }
  return {
    watch(wanted) {
      topics = wanted
      if (topics.length === 0) return close()
      void sample()
      stop ??= context.scheduler.every(EVERY, () => void sample())
    },
    close,
  }
}

/** One reading of all namespaces. Same as "ip -s link", "nft list ruleset", "conntrack -L", "bridge -s fdb", "ip -s neigh". */
export async function takeSamples(
  context: ObserverContext,
  namespaces: Namespaces,
  topics: readonly SampleTopic[],
): Promise<Samples> {
  const samples: Samples = { hostId: context.vantage.host.id, at: context.clock.steady() }
  let turn = performance.now()
  for (const entry of namespaces.all()) {
    if (performance.now() - turn > SLICE) {
      await nextTurn()
      turn = performance.now()
    }
    if (topics.includes('links')) read(entry, NETLINK.ROUTE, (s) => addLinks(samples, entry.id, s))
    if (topics.includes('fdb') && has(context, 'fdb', entry))
      read(entry, NETLINK.ROUTE, (s) => addFdb(samples, entry, s))
    if (topics.includes('neighbours') && has(context, 'neighbour', entry)) {
      read(entry, NETLINK.ROUTE, (s) => addNeighbours(samples, entry, s))
    }
    if (topics.includes('conntrack') && has(context, 'conntrack', entry)) {
      read(entry, NETLINK.NETFILTER, (s) => addConntrack(samples, context, { entry, socket: s }))
    }
    if (topics.includes('rules') && has(context, 'fwRule', entry)) {
      read(entry, NETLINK.NETFILTER, (s) => addRules(samples, entry.id, s))
      const legacy = context.sink.list('fwRule', entry.id).filter((rule) => rule.engine === 'legacy')
      if (legacy.length > 0) await addLegacy(samples, entry, legacy)
    }
  }
  return samples
}

const has = (
  context: ObserverContext,
  kind: 'fdb' | 'neighbour' | 'conntrack' | 'fwRule',
  entry: NetnsEntry,
): boolean => context.sink.list(kind, entry.id).length > 0

function read(entry: NetnsEntry, protocol: number, act: (socket: NetlinkSocket) => void): void {
  try {
    inNetns(entry, (fd) => withNetlink(entry.root ? null : fd, protocol, act))
  } catch (error) {
    // The source's own observer says what is refused; here the figures are just not there.
    failureOf(error)
  }
}

function addLinks(samples: Samples, netns: string, socket: NetlinkSocket): void {
  const links = samples.links ?? {}
  for (const link of dumpLinks(socket)) if (link.stats64) links[linkId(netns, link.index)] = countersOf(link.stats64)
  samples.links = links
}

function countersOf({ rx, tx }: LinkStatistics): LinkCounters {
  return {
    rxBytes: rx.bytes,
    rxPackets: rx.packets,
    rxErrors: rx.errors,
    rxDropped: rx.dropped,
    rxOverruns: rx.overErrors,
    multicast: rx.multicast,
    txBytes: tx.bytes,
    txPackets: tx.packets,
    txErrors: tx.errors,
    txDropped: tx.dropped,
    txOverruns: tx.fifoErrors,
    collisions: tx.collisions,
  }
}

function addFdb(samples: Samples, { id: netns }: NetnsEntry, socket: NetlinkSocket): void {
  const ages = samples.fdb ?? {}
  for (const { ifindex, mac, vlan, dst, flags, master, used, updated } of dumpFdb(socket)) {
    if (master === undefined && dst === undefined) continue
    const id = fdbId({ netns, index: ifindex, mac, vlan, dst, self: flags.includes('self') })
    if (used !== undefined && updated !== undefined) ages[id] = { used, updated }
  }
  samples.fdb = ages
}

function addNeighbours(samples: Samples, { id: netns }: NetnsEntry, socket: NetlinkSocket): void {
  const ages = samples.neighbours ?? {}
  for (const { ifindex, dst, state, used, updated } of dumpNeighbours(socket)) {
    if (state.includes('NOARP') || state.includes('NONE')) continue
    const id = neighbourId({ netns, index: ifindex, address: dst, proxy: false })
    if (used !== undefined && updated !== undefined) ages[id] = { used, updated }
  }
  samples.neighbours = ages
}

type At = { entry: NetnsEntry; socket: NetlinkSocket }

function addConntrack(samples: Samples, context: ObserverContext, { entry, socket }: At): void {
  const figures = samples.conntrack ?? {}
  for (const { id, timeout, countersOrig, countersReply } of dumpConntrack(socket)) {
    if (id === undefined || timeout === undefined) continue
    const key = conntrackId(entry.id, id)
    if (context.sink.get('conntrack', key) === undefined) continue
    figures[key] = {
      timeout,
      ...(countersOrig && {
        packets: countersOrig.packets + (countersReply?.packets ?? 0),
        bytes: countersOrig.bytes + (countersReply?.bytes ?? 0),
      }),
    }
  }
  samples.conntrack = figures
}

function addRules(samples: Samples, netns: string, socket: NetlinkSocket): void {
  const figures = samples.rules ?? {}
  for (const { family, table, chain, handle, counter } of dumpNftRules(socket)) {
    if (handle === undefined || counter === undefined) continue
    figures[fwRuleId({ netns, engine: 'nft', family, table, chain, handle })] = counter
  }
  samples.rules = figures
}

async function addLegacy(samples: Samples, entry: NetnsEntry, rules: readonly FwRule[]): Promise<void> {
  const figures = samples.rules ?? {}
  const counters = await readLegacyCounters(entry.path, rules)
  for (const [id, counter] of counters) figures[id] = counter
  samples.rules = figures
}
