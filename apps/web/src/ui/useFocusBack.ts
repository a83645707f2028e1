import { useRef } from 'react'

/** For dialogs without a trigger of their own: what had the focus when one opened gets it back when it closes. */
export function useFocusBack() {
  const opener = useRef<Element>(null)
  return {
    onOpen: () => {
      opener.current = document.activeElement
    },
    onClose: (e: Event) => {
      const to = opener.current
      if (!(to instanceof HTMLElement) || !to.isConnected) return
      e.preventDefault()
      to.focus()
    },
  }
}
