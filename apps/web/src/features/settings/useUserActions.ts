import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { queryClient, trpc } from '../../api/client.ts'
import { useErrorText } from '../../api/useErrorText.ts'
import { useToast } from '../../ui/index.ts'

/** What an administrator can do to accounts. Each refreshes the list; a refusal is said in passing. */
export function useUserActions(onDone?: () => void) {
  const t = useTranslations('settings')
  const toast = useToast()
  const errorText = useErrorText()
  const onError = (e: unknown) => toast(errorText(e), { bad: true })
  const done = (message?: string) => {
    void queryClient.invalidateQueries({ queryKey: trpc.users.list.queryKey() })
    if (message) toast(message)
    onDone?.()
  }
  return {
    create: useMutation(
      trpc.users.create.mutationOptions({ onSuccess: (_, { name }) => done(t('users.added', { name })) }),
    ),
    setRole: useMutation(trpc.users.setRole.mutationOptions({ onSuccess: () => done(), onError })),
    resetPassword: useMutation(trpc.users.resetPassword.mutationOptions({ onSuccess: () => done(), onError })),
    remove: useMutation(trpc.users.remove.mutationOptions({ onSuccess: () => done(), onError })),
  }
}
