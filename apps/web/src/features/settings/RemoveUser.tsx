import { useTranslations } from 'use-intl'
import { Button, Dialog, useToast } from '../../ui/index.ts'
import type { Account } from './account.ts'
import { useUserActions } from './useUserActions.ts'

/** Asks before an account goes. */
export function RemoveUser({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useTranslations('settings')
  const shell = useTranslations('shell')
  const toast = useToast()
  const { id, name } = account
  const { remove } = useUserActions(() => {
    toast(t('users.removed', { name }))
    onClose()
  })
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={t('users.removeTitle', { name })}
      description={t('users.removeText')}
      size="small"
    >
      <div className="flex justify-end gap-2 p-5">
        <Button onClick={onClose}>{shell('cancel')}</Button>
        <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate({ id })}>
          {t('users.removeSubmit', { name })}
        </Button>
      </div>
    </Dialog>
  )
}
