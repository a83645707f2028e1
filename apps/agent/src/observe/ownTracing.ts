import type { NftTable } from '@hopscope/netlink'
import { TRACE_TABLE } from '@hopscope/trace'
import type { NftEvent } from './kernelEvents.ts'

/** Tells what our tracings do from what changes the firewall. */
export type OwnTracing = {
  /** Whether the event, or the transaction that it ends, changed more than a table of our own. */
  concernsOthers(netns: string, event: NftEvent): boolean
  /** The tables that were found in a namespace, without ours. */
  found(netns: string, tables: readonly NftTable[]): void
  forget(netns: string): void
}

/** A table that belongs to a socket of a tracing, ours or another agent's. It is nobody's firewall. */
export const isOwnTable = ({ name, flags }: Pick<NftTable, 'name' | 'flags'>): boolean =>
  name === TRACE_TABLE && flags.includes('owner')

export function createOwnTracing(): OwnTracing {
  /** What the transaction under way has changed so far, by namespace. */
  const underWay = new Map<string, 'ours' | 'others'>()
  /** Namespaces with a table of that name which belongs to no socket. */
  const namesakes = new Set<string>()

  const isOurs = (netns: string, event: Exclude<NftEvent, { kind: 'nftGeneration' }>): boolean => {
    if (event.kind === 'nftTable') return isOwnTable(event.table)
    const { table } = event.kind === 'nftChain' ? event.chain : event.kind === 'nftRule' ? event.rule : event.set
    return table === TRACE_TABLE && !namesakes.has(netns)
  }
  return {
    concernsOthers(netns, event) {
      if (event.kind === 'nftGeneration') {
        const changed = underWay.get(netns)
        underWay.delete(netns)
        // Without a word before it, something was changed that is not told of.
        return changed !== 'ours'
      }
      const others = !isOurs(netns, event)
      if (others || !underWay.has(netns)) underWay.set(netns, others ? 'others' : 'ours')
      return others
    },
    found(netns, tables) {
      if (tables.some(({ name }) => name === TRACE_TABLE)) namesakes.add(netns)
      else namesakes.delete(netns)
    },
    forget(netns) {
      underWay.delete(netns)
      namesakes.delete(netns)
    },
  }
}
