import { type MouseEvent, useMemo, useRef } from 'react'
import { isByKey, longPress } from './objectMenus.ts'

type Open = (target: Element | undefined, at?: { x: number; y: number }) => void

/** Handlers for a list of rows: the right button, the menu key and a long press open the menu of a row. */
export function useMenuTriggers(open: Open) {
  const latest = useRef(open)
  latest.current = open
  return useMemo(
    () => ({
      ...longPress((target, at) => latest.current(target, at)),
      onContextMenu: (e: MouseEvent) => {
        e.preventDefault()
        if (isByKey(e.nativeEvent)) latest.current(undefined)
        else if (e.target instanceof Element) latest.current(e.target, { x: e.clientX, y: e.clientY })
      },
    }),
    [],
  )
}
