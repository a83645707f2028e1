import {
  type EventHandlers,
  type EventProtocol,
  type Events,
  type NetfilterEvent,
  openEvents,
  type RouteEvent,
} from '@hopscope/netlink'
import type { Scheduler } from './contract.ts'
import type { Namespaces } from './namespaces.ts'
import { createRecovery, type Recovery } from './recovery.ts'
import { type Failure, failureOf } from './sourceState.ts'

/** A change of the ruleset. */
export type NftEvent = Exclude<NetfilterEvent, { kind: 'conntrack' }>
type Handlers = {
  onRoute(netns: string, event: RouteEvent): void
  onNftables(netns: string, event: NftEvent): void
  onConntrack(netns: string, event: Extract<NetfilterEvent, { kind: 'conntrack' }>): void
  onNsid(netns: string, nsid: number, action: 'new' | 'del'): void
  onLoss(protocol: EventProtocol): void
}
type ListenOptions = {
  namespaces: Namespaces
  privileged: boolean
  scheduler: Scheduler
  /** Bytes that may queue up in the kernel for each socket; as much as netlink's own default when left out. */
  receiveBuffer?: number
}
export type KernelEvents = {
  /** performance.now() of the last event. */
  last(): number
  losses(): number
  /** Events were lost, and not everything was read again yet. */
  pending(): boolean
  /** What cannot be listened to, and why. */
  failures: ReadonlyMap<EventProtocol, Failure>
  close(): void
}

const PROTOCOLS: readonly EventProtocol[] = ['route', 'nftables', 'conntrack']

/** Listens to the changes of all namespaces, a socket per protocol, so that a flood in one drowns no other. */
export function listenToKernel(options: ListenOptions, handlers: Handlers): KernelEvents {
  const { namespaces, privileged, scheduler, receiveBuffer } = options
  const open: Events[] = []
  const failures = new Map<EventProtocol, Failure>()
  const recoveries = new Map<EventProtocol, Recovery>()
  let last = performance.now()
  let losses = 0

  const onLoss = (protocol: EventProtocol) => {
    losses++
    recoveries.get(protocol)?.lost()
  }
  const heard = (protocol: EventProtocol, nsid: number): string | undefined => {
    last = performance.now()
    recoveries.get(protocol)?.heard()
    const netns = namespaces.byNsid(nsid)
    if (netns === undefined) namespaces.rescan()
    return netns
  }
  const eventHandlers = (protocol: EventProtocol): EventHandlers => ({
    protocols: [protocol],
    ownNamespaceOnly: !privileged,
    ...(receiveBuffer !== undefined && { receiveBuffer }),
    onMessage(nsid, event) {
      const netns = heard(protocol, nsid)
      if (netns === undefined) return
      if (event.kind === 'conntrack') handlers.onConntrack(netns, event)
      else if (isNftEvent(event)) handlers.onNftables(netns, event)
      else handlers.onRoute(netns, event)
    },
    onLoss: () => onLoss(protocol),
    onNsidEvent(event, nsid) {
      const netns = heard(protocol, nsid)
      if (netns === undefined) return
      if (namespaces.get(netns)?.root) {
        if (event.action === 'del') namespaces.nsidGone(event.nsid)
        else namespaces.rescan()
      }
      handlers.onNsid(netns, event.nsid, event.action)
    },
  })
  for (const protocol of PROTOCOLS) {
    recoveries.set(
      protocol,
      createRecovery(scheduler, () => handlers.onLoss(protocol)),
    )
    try {
      open.push(openEvents(eventHandlers(protocol)))
    } catch (error) {
      failures.set(protocol, failureOf(error))
    }
  }
  return {
    last: () => last,
    losses: () => losses,
    pending: () => [...recoveries.values()].some((recovery) => recovery.pending()),
    failures,
    close() {
      for (const recovery of recoveries.values()) recovery.close()
      for (const events of open) events.close()
    },
  }
}

const isNftEvent = (event: RouteEvent | NftEvent): event is NftEvent => event.kind.startsWith('nft')
