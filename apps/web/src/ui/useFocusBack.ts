import { useRef } from 'react'

/**
 * For dialogs without a trigger of their own: what had the focus when one opened gets it back when it closes; the main
 * view gets it when that is gone.
 */
export function useFocusBack() {
  const opener = useRef<Element>(null)
  return {
    onOpen: () => {
      opener.current = document.activeElement
    },
    onClose: (e: Event) => {
      const now = document.activeElement
      const isInside = e.target instanceof Node && e.target.contains(now)
      // What was chosen in it may have opened something that took the focus.
      if (now !== null && now !== document.body && !isInside) return e.preventDefault()
      const to = opener.current?.isConnected ? opener.current : document.getElementById('main')
      if (!(to instanceof HTMLElement)) return
      e.preventDefault()
      to.focus()
    },
  }
}
