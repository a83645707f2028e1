import { type FormEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button, Dialog, Field, useToast } from '../../ui/index.ts'
import { StrengthBar } from '../auth/StrengthBar.tsx'
import { MIN_PASSWORD } from '../auth/strength.ts'
import type { Account } from './account.ts'
import { useUserActions } from './useUserActions.ts'

/** Gives an account a new password; its sessions end. */
export function ResetPassword({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useTranslations('settings')
  const toast = useToast()
  const { id, name } = account
  const [password, setPassword] = useState('')
  const { resetPassword } = useUserActions(() => {
    toast(t('users.resetDone', { name }))
    onClose()
  })
  const submit = (e: FormEvent) => {
    e.preventDefault()
    resetPassword.mutate({ id, password })
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={t('users.resetTitle', { name })}
      description={t('users.resetHint', { name })}
      size="small"
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4 p-5">
        <Field
          label={t('users.password')}
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
          hint={<StrengthBar password={password} />}
        />
        <Button type="submit" look="primary" disabled={password.length < MIN_PASSWORD || resetPassword.isPending}>
          {t('users.resetSubmit')}
        </Button>
      </form>
    </Dialog>
  )
}
