import { useEffect, useRef } from 'react'
import { useSelection, useView, type View } from './location.ts'

type Actions = {
  onPalette: () => void
  onSheet: () => void
  onPackets: () => void
  /** A dialog is open: only it gets the keys. */
  blocked: boolean
}

const views: Record<string, View> = { 1: 'map', 2: 'tables', 3: 'tree', 4: 'history' }

/** The keys that work everywhere: Ctrl-K, ?, 1–5, Escape. Plain keys never while somebody types. */
export function useShortcuts(actions: Actions): void {
  const [, setView] = useView()
  const [selection, select] = useSelection()
  const latest = useRef({ ...actions, selection })
  latest.current = { ...actions, selection }
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const now = latest.current
      if (now.blocked || e.defaultPrevented) return
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
        e.preventDefault()
        return now.onPalette()
      }
      if (e.ctrlKey || e.metaKey || e.altKey || isTyping(e.target)) return
      const view = views[e.key]
      if (view) {
        const from = document.activeElement
        void setView(view).then(() => focusMain(from))
      } else if (e.key === '5') {
        // The field that gets the focus would get the key as well.
        e.preventDefault()
        now.onPackets()
      } else if (e.key === '?') now.onSheet()
      else if (e.key === 'Escape' && now.selection) void select(null)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [setView, select])
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** So that the next Tab or arrow key is meant for the view that was just opened; what took the focus meanwhile, a dialog, keeps it. */
function focusMain(from: Element | null): void {
  const now = document.activeElement
  if (now !== from && now !== document.body) return
  const main = document.getElementById('main')
  const tree = main?.querySelector<HTMLElement>('[role=tree]')
  ;(tree ?? main)?.focus()
}
