import type { RecordRef } from '@hopscope/topology'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useSelection } from '../../shell/location.ts'
import { useShownTopology } from '../../shell/useShownHosts.ts'
import { buildTree, type TreeItem } from './buildTree.ts'
import { pathTo, pathToNode, visibleRows } from './rows.ts'

/** Which items are closed and which one is active. A selection made elsewhere opens the way to it. */
export function useTreeState() {
  const topology = useShownTopology()
  const roots = useMemo(() => buildTree(topology), [topology])
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [activeId, setActiveId] = useState<string>()
  const [selection, select] = useSelection()
  const rows = useMemo(() => visibleRows(roots, closed), [roots, closed])
  const active = Math.max(
    0,
    rows.findIndex((r) => r.item.node.id === activeId),
  )
  const selectedId = useMemo(() => selection && pathTo(roots, selection).at(-1), [roots, selection])

  const reveal = useCallback((path: string[]) => {
    setClosed((was) => (path.some((id) => was.has(id)) ? without(was, path.slice(0, -1)) : was))
    setActiveId(path.at(-1))
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection moves, not every change of the tree
  useEffect(() => {
    if (selection && selectedId) reveal(pathTo(roots, selection))
  }, [selectedId])

  const setOpen = useCallback((items: TreeItem[], open: boolean) => {
    const ids = items.filter((i) => i.children.length).map((i) => i.node.id)
    setClosed((was) => (open ? without(was, ids) : new Set([...was, ...ids])))
  }, [])
  const inspect = useCallback((ref: RecordRef | undefined) => ref && void select(ref), [select])
  return {
    roots,
    rows,
    closed,
    active,
    selectedId,
    setActive: setActiveId,
    setOpen,
    inspect,
    goTo: useCallback((id: string) => reveal(pathToNode(roots, id)), [roots, reveal]),
  }
}

const without = (set: ReadonlySet<string>, ids: string[]): ReadonlySet<string> =>
  new Set([...set].filter((id) => !ids.includes(id)))
