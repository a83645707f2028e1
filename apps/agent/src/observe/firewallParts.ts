import type { FwChain, FwRule, FwTable } from '@hopscope/model'
import type { RecordSink } from './contract.ts'

/** What one engine holds in one namespace. */
export type FirewallPart = { tables: FwTable[]; chains: FwChain[]; rules: FwRule[] }
export type Engine = 'nft' | 'legacy'

export const emptyPart: FirewallPart = { tables: [], chains: [], rules: [] }

/** Joins what the two engines hold: both may have rules at once, and packets pass through both. */
export function createFirewallParts(sink: RecordSink) {
  const known = new Map<string, Partial<Record<Engine, FirewallPart>>>()
  return {
    set(netns: string, engine: Engine, part: FirewallPart): void {
      const parts = { ...known.get(netns), [engine]: part }
      known.set(netns, parts)
      const both = [parts.nft ?? emptyPart, parts.legacy ?? emptyPart]
      sink.replace(
        'fwTable',
        netns,
        both.flatMap(({ tables }) => tables),
      )
      sink.replace(
        'fwChain',
        netns,
        both.flatMap(({ chains }) => chains),
      )
      sink.replace(
        'fwRule',
        netns,
        both.flatMap(({ rules }) => rules),
      )
    },
    forget(netns: string): void {
      known.delete(netns)
    },
  }
}
export type FirewallParts = ReturnType<typeof createFirewallParts>
