import { useEffect, useState } from 'react'

/** The time in ms since the epoch, renewed every `ms`; stands still while `running` is false. */
export function useNow(ms: number, running = true): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!running) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), ms)
    return () => clearInterval(timer)
  }, [ms, running])
  return now
}
