import { useEffect, useState } from 'react'

/**
 * What is typed, a moment later, so that each letter is drawn before what it finds. Not `useDeferredValue`: where news come faster than a
 * slow machine can search, that one begins anew with each and never ends.
 */
export function useSettled<T>(value: T, milliseconds = 30): T {
  const [settled, settle] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => settle(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}
