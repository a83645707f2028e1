import { type HostInfo, type HostSnapshot, type Samples, type SampleTopic, SOURCES, sourceId } from '@hopscope/model'
import { readWaitingEvents } from '@hopscope/netlink'
import { nextTurn } from './nextTurn.ts'
import { createConntrack } from './observe/conntrack.ts'
import type { ObserverContext, Scheduler } from './observe/contract.ts'
import { dockerObserver } from './observe/docker.ts'
import { createFirewallParts } from './observe/firewallParts.ts'
import { readHostInfo } from './observe/hostInfo.ts'
import { createIptablesLegacy } from './observe/iptablesLegacy.ts'
import { listenToKernel } from './observe/kernelEvents.ts'
import { createNamespaces, type NetnsChange } from './observe/namespaces.ts'
import { createNftables } from './observe/netfilter.ts'
import type { Foreign } from './observe/processScan.ts'
import { createRouteTables } from './observe/routeTables.ts'
import { createSampler } from './observe/samples.ts'
import { createSockets } from './observe/sockets.ts'
import { createVisits } from './observe/visits.ts'
import { isOwnChild } from './run.ts'
import { systemClock, systemScheduler } from './scheduler.ts'
import { createStore, type Store } from './store.ts'

export type ObserverOptions = {
  /** What the namespaces of this process are: the machine itself, or a sandbox host. */
  vantage: HostInfo['vantage']
  /** Where Docker listens; /run/docker.sock when left out. */
  dockerSocket?: string
  /** Tells the processes of sandboxes, which are left out. */
  foreign?: Foreign
  scheduler?: Scheduler
  /** Bytes of kernel events that may queue up before some are lost; 16 MiB when left out. */
  receiveBuffer?: number
}

export type RunningObserver = {
  readonly host: HostInfo
  readonly store: Store
  /** All that is known now. */
  snapshot(): HostSnapshot
  /** Resolves when everything that has changed until now, announced or not, is in the snapshot; after ten seconds in any case. */
  quiet(): Promise<void>
  /** Resolves when what was told of until now is in the snapshot; cheaper than `quiet`, which also asks what is not told. */
  caughtUp(what?: Wanted): Promise<void>
  /** Reads everything again. */
  refresh(): Promise<void>
  /**
   * Reads links, addresses, routes, neighbours, CAM tables and switches of all namespaces again, as after a loss of events,
   * and Docker's facts too if asked for; what is different is published when it resolves. With `decoded`, also what says the
   * same as before is decoded and compared.
   */
  reread(what?: { docker?: boolean; decoded?: boolean }): Promise<void>
  /** Looks for namespaces soon. */
  rescan(): void
  /** Counters are sampled once a second for these topics, for nobody with an empty list. */
  watch(topics: readonly SampleTopic[]): void
  onSamples(listener: (samples: Samples) => void): void
  /** Figures for tests and benches: reads, repairs, losses, milliseconds of a scan. */
  stats(): Record<string, number>
  close(): Promise<void>
}

/** What is wanted beside what the kernel tells: Docker's facts, with all that there is of these containers, and rules that nobody tells of. */
export type Wanted = { docker?: { containers: readonly string[] } | undefined; rules?: boolean }

const QUIET_LIMIT = 10_000
const BUSY_LIMIT = 5_000
/** An event reaches us within a millisecond; on a busy machine the thread that waits for it may need some. */
const CALM = 40

/**
 * Observes the host whose root namespaces this process is in, until it is closed. Resolves when everything was read once.
 * What cannot be read is stated in the source records; throws only when something of its own is broken.
 */
export async function startObserver(options: ObserverOptions): Promise<RunningObserver> {
  const scheduler = options.scheduler ?? systemScheduler
  const host = readHostInfo(options.vantage)
  const store = createStore(host, scheduler)
  const { sink } = store
  let busy = 0
  let redumps = 0
  let onSamples: (samples: Samples) => void = () => undefined

  const base = {
    vantage: { host, rootNetns: host.rootNetns, dockerSocket: options.dockerSocket ?? '/run/docker.sock' },
    sink,
    clock: systemClock,
    scheduler,
    setSource: (name, state) => sink.put('source', { id: sourceId(name), name, ...state }),
    async busy(work) {
      busy++
      let waitedFor = true
      const done = () => {
        if (waitedFor) busy--
        waitedFor = false
      }
      // A program or an engine that hangs is nothing to wait for.
      const cancel = scheduler.after(BUSY_LIMIT, done)
      try {
        return await work()
      } finally {
        cancel()
        done()
      }
    },
  } satisfies Omit<ObserverContext, 'namespaces'>

  const onNamespaces = (change: NetnsChange) => {
    for (const netns of change.removed) store.forgetNetns(netns)
    for (const part of kernelParts) part.onNamespaces(change)
  }
  const { privileged } = host
  const { foreign, receiveBuffer } = options
  const namespaces = createNamespaces({
    context: base,
    privileged,
    foreign,
    isOurs: isOwnChild,
    onChange: (change) => onNamespaces(change),
  })
  const context: ObserverContext = { ...base, namespaces }
  const parts = createFirewallParts(sink)
  const visits = createVisits(scheduler, namespaces)
  const routes = createRouteTables(context, namespaces, visits)
  const nftables = createNftables(context, namespaces, parts)
  const legacy = createIptablesLegacy({ context, namespaces, parts, visits })
  const conntrack = createConntrack({ context, namespaces, visits })
  const sockets = createSockets(context, namespaces, visits)
  const kernelParts = [routes, nftables, legacy, conntrack, sockets]
  const docker = dockerObserver(context)
  const sampler = createSampler(context, namespaces, (samples) => onSamples(samples))

  // Subscribe first: what changes while everything is read is heard, and read again.
  const events = listenToKernel(
    { namespaces, privileged, scheduler, ...(receiveBuffer !== undefined && { receiveBuffer }) },
    {
      onRoute: routes.onEvent,
      onNftables: nftables.onEvent,
      onConntrack: conntrack.onEvent,
      onNsid: routes.onNsid,
      onLoss(protocol) {
        redumps++
        if (protocol === 'route') routes.onLoss()
        else if (protocol === 'nftables') nftables.onLoss()
        else conntrack.onLoss()
        namespaces.rescan()
      },
    },
  )
  await nextTurn()
  namespaces.start()
  // What links to a namespace that is not known yet would be asked about at length: all namespaces first. Sockets are named
  // by the links that they are bound to: links before them. Each part has a turn of its own.
  await until(() => !namespaces.pending(), 1_000)
  for (const part of kernelParts) {
    await part.start()
    await nextTurn()
  }
  const endVisits = visits.start()
  await docker.start()

  const reading = () =>
    busy > 0 || nftables.pending() || legacy.pending() || routes.pending() || conntrack.pending() || sockets.pending()
  const pending = () => events.pending() || namespaces.pending() || reading()

  async function quiet(how = { decoded: false }) {
    const began = performance.now()
    namespaces.scan()
    routes.poll()
    legacy.poll()
    conntrack.poll()
    sockets.poll()
    // Docker connects a stopped container to a network without an event.
    await docker.refresh(how)
    while (performance.now() - began < QUIET_LIMIT) {
      await routes.drain()
      await legacy.drain()
      await conntrack.drain()
      await sockets.drain()
      const calm = performance.now() - Math.max(began, events.last())
      if (calm >= CALM && !pending()) break
      // That nothing comes any more announces itself to nobody.
      await new Promise((resolve) => setTimeout(resolve, 4))
    }
    store.flush()
  }

  await settleStart()
  async function settleStart() {
    // Many namespaces are read in several turns, and rule texts come from programs: the first snapshot waits for them.
    const began = performance.now()
    while (reading() && performance.now() - began < QUIET_LIMIT) await new Promise((resolve) => setTimeout(resolve, 4))
    // What cannot be listened to would soon be wrong, even where it can be read.
    for (const [protocol, failure] of events.failures) {
      if (protocol !== 'route') base.setSource(protocol, { state: 'unavailable', ...failure })
    }
    for (const name of SOURCES) if (!sink.get('source', sourceId(name))) base.setSource(name, { state: 'ok' })
    store.flush()
  }

  return {
    host,
    store,
    snapshot: () => store.current().snapshot,
    quiet: () => quiet(),
    async caughtUp({ docker: engine, rules = false } = {}) {
      const began = performance.now()
      namespaces.scan()
      if (rules) legacy.poll()
      if (engine) await docker.catchUp(engine.containers)
      while (performance.now() - began < BUSY_LIMIT) {
        const last = events.last()
        readWaitingEvents()
        const isNews = events.last() !== last
        await routes.drain()
        if (rules) await legacy.drain()
        const reads = routes.pending() || (rules && (nftables.pending() || legacy.pending()))
        if (!isNews && !namespaces.pending() && !events.pending() && !reads) break
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      store.flush()
    },
    async refresh() {
      routes.refresh()
      nftables.refresh()
      legacy.refresh()
      conntrack.refresh()
      sockets.refresh()
      await quiet({ decoded: true })
    },
    async reread({ docker: engine = false, decoded = false } = {}) {
      if (decoded) routes.forget()
      const asked = engine ? docker.refresh({ decoded }) : undefined
      // Docker gets to work on it while the kernel is read.
      if (engine) await nextTurn()
      routes.reread()
      await asked
      store.flush()
    },
    rescan: namespaces.rescan,
    watch: sampler.watch,
    onSamples(listener) {
      onSamples = listener
    },
    stats: () => ({
      ...routes.stats(),
      ...nftables.stats(),
      losses: events.losses(),
      redumps,
      scanMs: namespaces.lastScan(),
    }),
    async close() {
      events.close()
      sampler.close()
      endVisits()
      for (const part of kernelParts) part.close()
      await docker.close()
      namespaces.close()
      store.close()
    },
  }
}

/** Waits, turn by turn, but not for ever: a host may have no quiet moment. */
async function until(holds: () => boolean, limit: number): Promise<void> {
  const began = performance.now()
  while (!holds() && performance.now() - began < limit) await nextTurn()
}
