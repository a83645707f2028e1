import { type KeyboardEvent, useRef } from 'react'
import type { useShowOnMap } from '../../shell/mapFocus.ts'
import { asksForMenu } from '../changes/objectMenus.ts'
import { findTyped } from './rows.ts'
import type { useTreeState } from './useTreeState.ts'

const TYPING_MS = 700
const PAGE = 12
/** Keys that mean something by themselves, so that a typed name cannot begin with them. */
const COMMANDS = 'mo12345?*'

type Tree = ReturnType<typeof useTreeState>

/** The keys of a tree as WAI-ARIA describes them, and m for the map, o for a veth's other end. */
export function useTreeKeys(tree: Tree, showOnMap: ReturnType<typeof useShowOnMap>, onMenu: () => void) {
  const typed = useRef({ text: '', at: 0 })
  const { rows, active, closed } = tree
  const go = (index: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))]
    if (row) tree.setActive(row.item.node.id)
  }
  const type = (key: string, now: number): boolean => {
    const going = now - typed.current.at < TYPING_MS && typed.current.text !== ''
    if (!going && COMMANDS.includes(key)) return false
    typed.current = { text: (going ? typed.current.text : '') + key, at: now }
    const found = findTyped(rows, active, typed.current.text)
    if (found >= 0) go(found)
    return true
  }
  return (e: KeyboardEvent) => {
    const row = rows[active]
    if (!row || e.ctrlKey || e.metaKey || e.altKey) return
    const { item } = row
    const ref = item.node.refs[0]
    const isOpen = item.children.length > 0 && !closed.has(item.node.id)
    if (asksForMenu(e)) {
      e.preventDefault()
      return onMenu()
    }
    const actions: Record<string, () => void> = {
      ArrowDown: () => go(active + 1),
      ArrowUp: () => go(active - 1),
      PageDown: () => go(active + PAGE),
      PageUp: () => go(active - PAGE),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => (isOpen ? go(active + 1) : tree.setOpen([item], true)),
      ArrowLeft: () => (isOpen ? tree.setOpen([item], false) : row.parent >= 0 && go(row.parent)),
      Enter: () => tree.inspect(ref),
      ' ': () => tree.inspect(ref),
      '*': () =>
        tree.setOpen(
          rows.filter((r) => r.parent === row.parent).map((r) => r.item),
          true,
        ),
      m: () => ref && showOnMap(ref),
      o: () => item.other && tree.goTo(item.other.id),
    }
    const printable = e.key.length === 1 && e.key !== ' '
    if (printable && type(e.key, e.timeStamp)) return e.preventDefault()
    typed.current.text = ''
    const act = actions[e.key]
    if (!act) return
    e.preventDefault()
    act()
  }
}
