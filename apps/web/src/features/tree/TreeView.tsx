import { useVirtualizer } from '@tanstack/react-virtual'
import { ListTree } from 'lucide-react'
import { useEffect, useId, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { useShowOnMap } from '../../shell/mapFocus.ts'
import { useAllChanges, useHosts } from '../../stream/hooks.ts'
import { EmptyState, KeyHints } from '../../ui/index.ts'
import { useAsking } from '../changes/asking.ts'
import { atElement } from '../changes/objectMenus.ts'
import { useMenuTriggers } from '../changes/useMenuTriggers.ts'
import { ROW_HEIGHT, TreeRow } from './TreeRow.tsx'
import { useTreeKeys } from './useTreeKeys.ts'
import { useTreeState } from './useTreeState.ts'
import { useWords } from './useWords.ts'

/** The map's twin for keyboard and screen reader: the same objects, in words. */
export function TreeView() {
  const t = useTranslations('tree')
  const tree = useTreeState()
  const { rows, active, closed, selectedId } = tree
  const showOnMap = useShowOnMap()
  const { showMenu } = useAsking()
  /** The menu of the row with this element, or of the active one. */
  const openMenu = (target: Element | undefined, at?: { x: number; y: number }) => {
    const pressed = target?.closest('[data-node]')
    const id = pressed?.getAttribute('data-node') ?? rows[active]?.item.node.id
    const { node, children = [] } = rows.find(({ item }) => item.node.id === id)?.item ?? {}
    // A host's own namespace is what its stack stands for.
    const stack = node?.kind === 'host' ? children.find((child) => child.node.kind === 'stack')?.node : node
    const [main, ...others] = stack?.refs ?? []
    const element = pressed ?? document.getElementById(`${base}${id}`)
    if (!node || !main || !frame.current || !element) return
    tree.setActive(node.id)
    const request = { refs: [main, ...others], name: words.nameOf(node), opener: frame.current } as const
    showMenu({ ...request, at: at ?? atElement(element) })
  }
  const onKeyDown = useTreeKeys(tree, showOnMap, () => openMenu(undefined))
  const menuTriggers = useMenuTriggers(openMenu)
  const words = useWords()
  const base = useId()
  const frame = useRef<HTMLDivElement>(null)
  const changes = useAllChanges()
  const hosts = useHosts()
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 16,
    paddingStart: 8,
    paddingEnd: 8,
    getItemKey: (i) => rows[i]?.item.node.id ?? i,
  })
  const activeRow = rows[active]
  const activeId = activeRow?.item.node.id
  // biome-ignore lint/correctness/useExhaustiveDependencies: a row that moved because others came must not pull the view
  useEffect(() => virtual.scrollToIndex(active, { align: 'auto' }), [virtual, activeId])
  if (!rows.length) return <EmptyState icon={ListTree} title={t('empty')} />
  return (
    <div className="@container flex h-full flex-col bg-surface">
      <div
        ref={frame}
        role="tree"
        aria-label={t('label')}
        aria-activedescendant={activeRow && `${base}${activeRow.item.node.id}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        {...menuTriggers}
        className="group relative min-h-0 flex-1 overflow-auto outline-none [scrollbar-gutter:stable]"
      >
        <div role="none" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]
            if (!row) return null
            const { node, children } = row.item
            const { other } = row.item
            return (
              <TreeRow
                key={node.id}
                id={`${base}${node.id}`}
                row={row}
                top={start}
                open={children.length > 0 && !closed.has(node.id)}
                active={index === active}
                selected={node.id === selectedId}
                changed={node.refs.some((r) => changes.get(r.hostId)?.has(r.id))}
                stale={node.kind === 'host' && hosts.get(node.hostId)?.status === 'stale'}
                words={words}
                onClick={() => {
                  tree.setActive(node.id)
                  tree.inspect(node.refs[0])
                }}
                onToggle={() => tree.setOpen([row.item], closed.has(node.id))}
                onOther={() => other && tree.goTo(other.id)}
              />
            )
          })}
        </div>
      </div>
      <Hints />
    </div>
  )
}

function Hints() {
  const t = useTranslations('tree')
  const hints = [
    ['↑ ↓ ← →', t('hint.move')],
    ['Enter', t('hint.inspect')],
    ['Shift Enter', t('hint.actions')],
    ['M', t('hint.map')],
    ['O', t('hint.other')],
  ] as const
  return <KeyHints hints={hints} className="@max-[600px]:hidden" />
}
