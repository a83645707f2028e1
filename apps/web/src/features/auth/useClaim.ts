import { useMutation } from '@tanstack/react-query'
import { useEffect } from 'react'
import { queryClient, trpc } from '../../api/client.ts'
import { takeToken } from './token.ts'

/** Redeems the one-time link, at the start and when its address is pasted into an open page. */
export function useClaim() {
  const claim = useMutation(
    trpc.auth.claim.mutationOptions({
      onSettled: async () => {
        const filter = { queryKey: trpc.auth.state.queryKey() }
        // An answer still under way was asked for before the link counted: it must not be taken for the news.
        await queryClient.cancelQueries(filter)
        await queryClient.invalidateQueries(filter)
      },
    }),
  )
  const { mutate } = claim
  useEffect(() => {
    const redeem = () => {
      const token = takeToken()
      if (token) mutate({ token })
    }
    redeem()
    addEventListener('hashchange', redeem)
    return () => removeEventListener('hashchange', redeem)
  }, [mutate])
  return claim
}
