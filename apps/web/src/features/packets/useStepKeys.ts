import { type KeyboardEvent as ReactKeyboardEvent, useEffect, useRef } from 'react'

type Key = Pick<
  KeyboardEvent,
  'key' | 'target' | 'ctrlKey' | 'metaKey' | 'altKey' | 'defaultPrevented' | 'preventDefault'
>

/**
 * The keys that go from hop to hop: all of them in the pane, whose handler is given back, j and k on the whole page, so that one can look at
 * the map meanwhile. `go` says whether a key meant something.
 */
export function useStepKeys(go: (key: string) => boolean): (e: ReactKeyboardEvent) => void {
  const handle = (e: Key) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || isTaken(e.target)) return
    if (go(e.key)) e.preventDefault()
  }
  const latest = useRef(handle)
  latest.current = handle
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key === 'j' || e.key === 'k') latest.current(e)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return handle
}

/** Somebody types there, or it is a dialog, which has its own keys. */
const isTaken = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, [role="dialog"]') !== null
