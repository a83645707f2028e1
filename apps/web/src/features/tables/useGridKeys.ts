import type { KeyboardEvent } from 'react'
import { asksForMenu } from '../changes/objectMenus.ts'
import type { Actions } from './CellView.tsx'
import type { Row } from './model/table.ts'

const PAGE = 15

type Grid = { rows: readonly Row[]; active: number; go: (index: number) => void; actions: Actions; onMenu: () => void }

/** Keys on the grid: arrows, Page, Home and End move by rows, Enter opens, with Shift what can be done, M shows on the map. */
export function useGridKeys({ rows, active, go, actions, onMenu }: Grid): (e: KeyboardEvent<HTMLElement>) => void {
  const last = rows.length - 1
  const row = rows[active]
  const keys: Record<string, () => void> = {
    ArrowDown: () => go(Math.min(last, active + 1)),
    ArrowUp: () => go(Math.max(0, active - 1)),
    PageDown: () => go(Math.min(last, active + PAGE)),
    PageUp: () => go(Math.max(0, active - PAGE)),
    Home: () => go(0),
    End: () => go(last),
    Enter: () => row && actions.inspect(row.ref),
    m: () => row && actions.showOnMap(row.ref),
  }
  return (e) => {
    // A button inside of a row has its own Enter.
    if (e.target !== e.currentTarget || e.ctrlKey || e.metaKey || e.altKey) return
    const act = asksForMenu(e) ? onMenu : keys[e.key]
    if (!act || !row) return
    e.preventDefault()
    act()
  }
}
