import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useRef, useState } from 'react'
import { trpc } from '../../api/client.ts'
import { errorOf } from '../../api/errorOf.ts'
import { Boot } from '../../shell/Boot.tsx'
import { LinkProblem, NeedLink } from './LinkProblem.tsx'
import { Login } from './Login.tsx'
import { Offline } from './Offline.tsx'
import { Setup } from './Setup.tsx'
import { useClaim } from './useClaim.ts'

// The login must not wait for what only comes after it.
const SignedIn = lazy(async () => ({ default: (await import('./SignedIn.tsx')).SignedIn }))

/** Decides who sees what: the page itself, the login, the first account's form, or what is wrong with a link. */
export function Gate() {
  const claim = useClaim()
  const state = useQuery({
    ...trpc.auth.state.queryOptions(),
    enabled: !claim.isPending,
    refetchInterval: (q) => (q.state.data ? false : 3_000),
  })
  const wasIn = useRef(false)
  const [skipped, setSkipped] = useState(false)
  if (claim.isPending) return <Boot />
  if (!state.data) return state.isError ? <Offline onRetry={() => void state.refetch()} /> : <Boot />
  const { user, bootstrap, setupDone, insecureBind, version } = state.data
  if (user) {
    wasIn.current = true
    return (
      <Suspense fallback={<Boot />}>
        <SignedIn user={user} insecureBind={insecureBind} version={version} />
      </Suspense>
    )
  }
  if (bootstrap && !setupDone) return <Setup />
  if (claim.isError && !skipped) {
    return <LinkProblem error={errorOf(claim.error)} canSignIn={setupDone} onSignIn={() => setSkipped(true)} />
  }
  return setupDone ? <Login lost={wasIn.current} /> : <NeedLink />
}
