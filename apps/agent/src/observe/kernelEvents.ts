import {
  type EventHandlers,
  type EventProtocol,
  type Events,
  type NetfilterEvent,
  openEvents,
  type RouteEvent,
} from '@hopscope/netlink'
import type { Namespaces } from './namespaces.ts'
import { type Failure, failureOf } from './sourceState.ts'

type Handlers = {
  onRoute(netns: string, event: RouteEvent): void
  onNftables(netns: string): void
  onConntrack(netns: string, event: Extract<NetfilterEvent, { kind: 'conntrack' }>): void
  onNsid(netns: string, nsid: number, action: 'new' | 'del'): void
  onLoss(protocol: EventProtocol): void
}
export type KernelEvents = {
  /** performance.now() of the last event. */
  last(): number
  losses(): number
  /** What cannot be listened to, and why. */
  failures: ReadonlyMap<EventProtocol, Failure>
  close(): void
}

/** After a loss everything is read again; at most once in this time. */
const LOSS_PAUSE = 500
const PROTOCOLS: readonly EventProtocol[] = ['route', 'nftables', 'conntrack']

/** Listens to the changes of all namespaces, a socket per protocol, so that a flood in one drowns no other. */
export function listenToKernel(
  { namespaces, privileged, after }: { namespaces: Namespaces; privileged: boolean; after: (act: () => void) => void },
  handlers: Handlers,
): KernelEvents {
  const open: Events[] = []
  const failures = new Map<EventProtocol, Failure>()
  const recovering = new Set<EventProtocol>()
  let last = performance.now()
  let losses = 0

  const onLoss = (protocol: EventProtocol) => {
    losses++
    if (recovering.has(protocol)) return
    recovering.add(protocol)
    after(() => {
      recovering.delete(protocol)
      handlers.onLoss(protocol)
    })
  }
  const heard = (nsid: number): string | undefined => {
    last = performance.now()
    const netns = namespaces.byNsid(nsid)
    if (netns === undefined) namespaces.rescan()
    return netns
  }
  const eventHandlers = (protocol: EventProtocol): EventHandlers => ({
    protocols: [protocol],
    ownNamespaceOnly: !privileged,
    onMessage(nsid, event) {
      const netns = heard(nsid)
      if (netns === undefined) return
      if (event.kind === 'conntrack') handlers.onConntrack(netns, event)
      else if (isRuleEvent(event.kind)) handlers.onNftables(netns)
      else handlers.onRoute(netns, event as RouteEvent) // the two above are all that netfilter has
    },
    onLoss: () => onLoss(protocol),
    onNsidEvent(event, nsid) {
      const netns = heard(nsid)
      if (netns === undefined) return
      if (namespaces.get(netns)?.root) {
        if (event.action === 'del') namespaces.nsidGone(event.nsid)
        else namespaces.rescan()
      }
      handlers.onNsid(netns, event.nsid, event.action)
    },
  })
  for (const protocol of PROTOCOLS) {
    try {
      open.push(openEvents(eventHandlers(protocol)))
    } catch (error) {
      failures.set(protocol, failureOf(error))
    }
  }
  return {
    last: () => last,
    losses: () => losses,
    failures,
    close() {
      for (const events of open) events.close()
    },
  }
}

export { LOSS_PAUSE }

const isRuleEvent = (kind: string): boolean => kind.startsWith('nft')
