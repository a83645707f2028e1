import { type RefObject, useEffect, useRef } from 'react'

/** The input that `/` goes to, unless somebody types. */
export function useSlash(): RefObject<HTMLInputElement | null> {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const typing = e.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)
      if (e.key !== '/' || typing || e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return
      e.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return input
}
