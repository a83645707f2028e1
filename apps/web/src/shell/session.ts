import { createContext, useContext } from 'react'

export type Role = 'viewer' | 'operator' | 'admin'
export type Session = {
  user: { id: string; name: string; role: Role }
  version: string
  insecureBind: boolean
  /** Signs out. */
  end: () => void
}

export const SessionContext = createContext<Session | null>(null)

/** Who is signed in; null on the login page. */
export const useSession = (): Session | null => useContext(SessionContext)
