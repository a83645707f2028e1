import { useSyncExternalStore } from 'react'

const query = () => matchMedia('(min-width: 768px)')

/** True from 768 px on: the inspector stands at the side; below it is a sheet. */
export const useWide = (): boolean =>
  useSyncExternalStore(
    (tell) => {
      const q = query()
      q.addEventListener('change', tell)
      return () => q.removeEventListener('change', tell)
    },
    () => query().matches,
    () => true,
  )
