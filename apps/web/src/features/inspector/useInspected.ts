import type { RecordRef } from '@hopscope/topology'
import { useMemo } from 'react'
import { useHosts, useTopology } from '../../stream/hooks.ts'
import { snapshotsOf } from '../../stream/topology.ts'
import { contextOf } from './model/context.ts'
import { inspect } from './model/inspect.ts'
import type { Page } from './model/page.ts'

/** Everything about the selected record, renewed with every patch; undefined once it is gone. */
export function useInspected(selection: RecordRef): Page | undefined {
  const hosts = useHosts()
  const topology = useTopology()
  const context = useMemo(() => contextOf(snapshotsOf(hosts), topology), [hosts, topology])
  const { hostId, kind, id } = selection
  return useMemo(() => inspect(context, { hostId, kind, id }), [context, hostId, kind, id])
}
