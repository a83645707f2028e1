import { useCallback, useEffect, useRef, useState } from 'react'

/** Copies text and says so for a moment. Works without the clipboard permission, and on plain HTTP too. */
export function useCopy(text: string): { copied: boolean; copy: () => void } {
  const [copied, setCopied] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const copy = useCallback(() => {
    const done = () => {
      setCopied(true)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => setCopied(false), 1_600)
    }
    if (!navigator.clipboard) return copyBySelection(text) && done()
    navigator.clipboard.writeText(text).then(done, () => copyBySelection(text) && done())
  }, [text])
  return { copied, copy }
}

/** The way that browsers still allow where the clipboard interface is missing or refused. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  const before = document.activeElement
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  // Inside an open dialog, whose focus trap would take the focus back.
  ;(before?.parentElement ?? document.body).append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return done
}
