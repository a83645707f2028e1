import { createContext, useContext } from 'react'
import type { Draft } from './model/draft.ts'
import type { ObjectMenuRequest } from './objectMenus.ts'

export type Asking = {
  /** Opens the dialog of a command; without a host, the dialog asks for it. */
  ask: (draft: Draft, hostId?: string) => void
  /** Opens the menu of an object at a point. */
  showMenu: (menu: ObjectMenuRequest) => void
}
export const AskingContext = createContext<Asking | null>(null)

/** How anything on the page opens the dialogs that change a host. */
export function useAsking(): Asking {
  const asking = useContext(AskingContext)
  if (!asking) throw new Error('useAsking is called outside of the shell')
  return asking
}
