import { createContext, useContext, useEffect, useState } from 'react'

/** Where things that float are put: inside the open dialog, whose focus trap would lock them out elsewhere. */
export const LayerContext = createContext<HTMLElement | null>(null)

export const LAYER_ID = 'floating'

/** The element that menus, lists and tooltips are put into: always inside of a landmark, so that nobody misses them. */
export function useLayer(): HTMLElement | null {
  const dialog = useContext(LayerContext)
  const [page, setPage] = useState<HTMLElement | null>(null)
  // The header that holds it may be painted together with what asks.
  useEffect(() => setPage(document.getElementById(LAYER_ID)), [])
  return dialog ?? page
}
