import type { Topology, TopoNode } from '@hopscope/topology'
import { useMemo } from 'react'
import { useHosts, useTopology } from '../stream/hooks.ts'
import type { HostEntry } from '../stream/hostStore.ts'
import { useHostFilter } from './location.ts'

export type ShownHosts = { all: HostEntry[]; shown: HostEntry[]; hidden: number; ids: ReadonlySet<string> }

/** The hosts that the filter in the header leaves, by name. A filter that names no host there is hides nothing. */
export function useShownHosts(): ShownHosts {
  const hosts = useHosts()
  const [filter] = useHostFilter()
  return useMemo(() => {
    const all = [...hosts.values()].sort((a, b) => a.host.name.localeCompare(b.host.name))
    const wanted = filter ? all.filter((h) => filter.includes(h.host.id)) : all
    const shown = wanted.length ? wanted : all
    return { all, shown, hidden: all.length - shown.length, ids: new Set(shown.map((h) => h.host.id)) }
  }, [hosts, filter])
}

/** The topology of the shown hosts only; the whole one, unchanged, while nothing is filtered. Empty until it is wanted. */
export function useShownTopology(wanted = true): Topology {
  const topology = useTopology(wanted)
  const { hidden, ids } = useShownHosts()
  return useMemo(() => (hidden ? only(topology, ids) : topology), [topology, hidden, ids])
}

function only(topology: Topology, ids: ReadonlySet<string>): Topology {
  const seen = (n: TopoNode) => ids.has(n.hostId) || n.refs.some((r) => ids.has(r.hostId))
  const nodes = topology.nodes.filter(seen)
  const kept = new Set(nodes.map((n) => n.id))
  return { nodes, edges: topology.edges.filter((e) => kept.has(e.source) && kept.has(e.target)) }
}
