import type { AppRouter } from '@hopscope/hub/router'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { createTRPCClient, httpBatchLink, httpLink, splitLink } from '@trpc/client'
import type { inferRouterOutputs } from '@trpc/server'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import { errorOf } from './errorOf.ts'

const at = { url: '/api/trpc' }

/** The hub's procedures, to be called directly. The session cookie goes along by itself. */
export const hub = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      // What is done waits for nothing else to be asked together with it, nor for what the page draws meanwhile.
      condition: ({ type }) => type === 'mutation',
      true: httpLink(at),
      false: httpBatchLink(at),
    }),
  ],
})

/** What the hub's procedures answer. */
export type Answers = inferRouterOutputs<AppRouter>

/** Whatever fails for want of a session leads to the question who is signed in; its answer shows the login. */
const onError = (e: unknown): void => {
  if (errorOf(e).code === 'UNAUTHENTICATED') askWhoIsSignedIn()
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    // The hub's refusals are answers: asking again changes nothing. Only silence is worth another try.
    queries: { retry: (count, e) => errorOf(e).code === 'UNREACHABLE' && count < 1, refetchOnWindowFocus: false },
  },
})

/** The hub's procedures as options for useQuery and useMutation. */
export const trpc = createTRPCOptionsProxy<AppRouter>({ client: hub, queryClient })

export function askWhoIsSignedIn(): void {
  void queryClient.invalidateQueries({ queryKey: trpc.auth.state.queryKey() })
}
