import type { HostSnapshot } from '@hopscope/model'
import { useMemo } from 'react'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { useHosts, useTopology } from '../../stream/hooks.ts'
import { snapshotsOf } from '../../stream/topology.ts'
import { type Scope, scopesOf } from './model/scope.ts'
import type { Table } from './model/table.ts'
import { useTableSamples } from './useTableSamples.ts'

/** The shown hosts as the tables see them. All hosts are known to each other, so that a veth's end is found anywhere. */
export function useScopes(): Scope[] {
  const hosts = useHosts()
  const topology = useTopology()
  const { ids } = useShownHosts()
  const scopes = useMemo(() => scopesOf(snapshotsOf(hosts) satisfies HostSnapshot[], topology), [hosts, topology])
  return useMemo(
    () => scopes.filter((s) => ids.has(s.hostId)).sort((a, b) => a.host.localeCompare(b.host)),
    [scopes, ids],
  )
}

/** The same with the counters that a table shows. */
export function useSampledScopes(scopes: Scope[], { topic }: Table): Scope[] {
  const samples = useTableSamples(
    scopes.map((s) => s.hostId),
    topic,
  )
  return useMemo(
    () => (topic && samples.size ? scopes.map((s) => ({ ...s, samples: { [topic]: samples.get(s.hostId) } })) : scopes),
    [scopes, samples, topic],
  )
}
