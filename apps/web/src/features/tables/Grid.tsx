import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import { sameRef, useInspect, useSelection } from '../../shell/location.ts'
import { useShowOnMap } from '../../shell/mapFocus.ts'
import { useAllChanges } from '../../stream/hooks.ts'
import { useAsking } from '../changes/asking.ts'
import { atElement } from '../changes/objectMenus.ts'
import { useMenuTriggers } from '../changes/useMenuTriggers.ts'
import { GridHeader, HEADER_HEIGHT } from './GridHeader.tsx'
import { GridRow, ROW_HEIGHT } from './GridRow.tsx'
import { useGridKeys } from './useGridKeys.ts'
import type { Shape, TableState } from './useTable.ts'

/** The rows of a table; only those in sight are drawn. */
export function Grid({ table, label }: { table: TableState; label: string }) {
  const { rows, visible } = table
  const frame = useRef<HTMLDivElement>(null)
  const base = useId()
  const [activeKey, setActiveKey] = useState<string>()
  const [selection] = useSelection()
  const inspect = useInspect()
  const showOnMap = useShowOnMap()
  const changes = useAllChanges()
  const actions = useMemo(() => ({ inspect, showOnMap }), [inspect, showOnMap])
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    // The header lies over the first rows while they scroll.
    scrollPaddingStart: HEADER_HEIGHT,
    getItemKey: (i) => rows[i]?.key ?? i,
  })
  const selected = rows.findIndex((r) => sameRef(r.ref, selection))
  const known = rows.findIndex((r) => r.key === activeKey)
  const active = known >= 0 ? known : Math.max(0, selected)
  const go = (index: number) => {
    setActiveKey(rows[index]?.key)
    virtual.scrollToIndex(index, { align: 'auto' })
  }
  // A row that was opened elsewhere comes into sight, once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection scrolls, not every change of the rows
  useEffect(() => {
    if (selected >= 0) virtual.scrollToIndex(selected, { align: 'auto' })
  }, [selection])
  const latest = useRef(rows)
  latest.current = rows
  const onClick = useCallback(
    (index: number) => {
      const row = latest.current[index]
      setActiveKey(row?.key)
      if (row) inspect(row.ref)
    },
    [inspect],
  )
  const { showMenu } = useAsking()
  /** The menu of the row with this element, or of the active one. */
  const openMenu = (target: Element | undefined, at?: { x: number; y: number }) => {
    const pressed = target?.closest('[role=row][id]')
    const row = pressed ? rows.find(({ key }) => `${base}${key}` === pressed.id) : rows[active]
    const element = pressed ?? document.getElementById(`${base}${row?.key}`)
    if (!row || !frame.current || !element) return
    setActiveKey(row.key)
    const name = element.querySelector('[role=gridcell]')?.lastElementChild?.textContent ?? ''
    showMenu({ refs: [row.ref], name, opener: frame.current, at: at ?? atElement(element) })
  }
  const onKeyDown = useGridKeys({ rows, active, go, actions, onMenu: () => openMenu(undefined) })
  const menuTriggers = useMenuTriggers(openMenu)
  const activeRow = rows[active]
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual table cannot be made of table elements
    <div
      ref={frame}
      role="grid"
      aria-label={label}
      aria-busy={table.isBusy}
      aria-rowcount={rows.length + 1}
      aria-colcount={visible.length}
      aria-activedescendant={activeRow && `${base}${activeRow.key}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      {...menuTriggers}
      className="group relative min-h-0 flex-1 overflow-auto bg-surface outline-none"
    >
      <div role="presentation" style={{ minWidth: widthOf(visible) }}>
        <GridHeader table={table} columns={visible} />
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]
            if (!row) return null
            return (
              <GridRow
                key={row.key}
                id={`${base}${row.key}`}
                row={row}
                index={index}
                top={start}
                columns={visible}
                active={index === active}
                selected={sameRef(row.ref, selection)}
                changed={changes.get(row.ref.hostId)?.has(row.ref.id) ?? false}
                say={table.say}
                actions={actions}
                onClick={onClick}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

const widthOf = (columns: readonly Shape[]): number => columns.reduce((sum, c) => sum + c.width, 0)
