import { type FormEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Role } from '../../shell/session.ts'
import { Button, Dialog, Field } from '../../ui/index.ts'
import { Problem } from '../auth/Problem.tsx'
import { StrengthBar } from '../auth/StrengthBar.tsx'
import { MIN_PASSWORD } from '../auth/strength.ts'
import { useProblem } from '../auth/useProblem.ts'
import { RoleSelect } from './RoleSelect.tsx'
import { useUserActions } from './useUserActions.ts'

/** Adds an account with a first password. */
export function AddUser({ onClose }: { onClose: () => void }) {
  const t = useTranslations('settings')
  const auth = useTranslations('auth')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [tried, setTried] = useState(false)
  const { create } = useUserActions(onClose)
  const { text } = useProblem(create.error)
  const weak = password.length < MIN_PASSWORD
  const submit = (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (name.trim() && !weak) create.mutate({ name, role, password })
  }
  return (
    <Dialog open onOpenChange={(open) => open || onClose()} title={t('users.addTitle')} size="small">
      <form noValidate onSubmit={submit} className="flex flex-col gap-4 p-5">
        <Problem text={text} />
        <Field
          label={t('users.name')}
          value={name}
          onChange={(e) => setName(e.target.value)}
          autoComplete="off"
          spellCheck={false}
          {...(tried && !name.trim() && { error: auth('required') })}
        />
        <Field
          label={t('users.password')}
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
          hint={<StrengthBar password={password} />}
          aria-invalid={tried && weak ? true : undefined}
        />
        <div className="flex items-center justify-between">
          <span className="font-medium">{t('users.role')}</span>
          <RoleSelect label={t('users.role')} value={role} onChange={setRole} />
        </div>
        <Button type="submit" look="primary" disabled={create.isPending}>
          {t('users.addSubmit')}
        </Button>
      </form>
    </Dialog>
  )
}
