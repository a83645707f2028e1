import { useRef } from 'react'
import { useShownHosts } from '../../shell/useShownHosts.ts'

/**
 * Whether everything that is there has come once: the first arrangement is made for all hosts together. From then on it
 * stays true, whoever joins later.
 */
export function useLoaded(): boolean {
  const { shown } = useShownHosts()
  const loaded = useRef(false)
  const complete = shown.every((h) => h.status === 'stale' || h.snapshot !== undefined)
  if (shown.length > 0 && complete) loaded.current = true
  return loaded.current || complete
}
