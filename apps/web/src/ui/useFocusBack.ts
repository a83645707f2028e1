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
      const to = opener.current?.isConnected ? opener.current : document.getElementById('main')
      if (!(to instanceof HTMLElement)) return
      e.preventDefault()
      to.focus()
    },
  }
}
