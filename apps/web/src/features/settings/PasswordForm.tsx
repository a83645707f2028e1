import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import { trpc } from '../../api/client.ts'
import { Button, Field, useToast } from '../../ui/index.ts'
import { Problem } from '../auth/Problem.tsx'
import { StrengthBar } from '../auth/StrengthBar.tsx'
import { MIN_PASSWORD } from '../auth/strength.ts'
import { useProblem } from '../auth/useProblem.ts'

const EMPTY = { current: '', next: '', repeat: '' }

/** Changes the own password. */
export function PasswordForm() {
  const t = useTranslations('settings')
  const auth = useTranslations('auth')
  const toast = useToast()
  const [form, setForm] = useState(EMPTY)
  const [tried, setTried] = useState(false)
  const change = useMutation(
    trpc.auth.changePassword.mutationOptions({
      onSuccess: () => {
        setForm(EMPTY)
        setTried(false)
        toast(t('password.done'))
      },
    }),
  )
  const { text, waiting } = useProblem(change.error)
  const weak = form.next.length < MIN_PASSWORD
  const differs = form.repeat !== form.next
  const submit = (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (form.current && !weak && !differs) change.mutate({ current: form.current, next: form.next })
  }
  const bind = (key: keyof typeof EMPTY) => ({
    type: 'password' as const,
    value: form[key],
    onChange: (e: { target: { value: string } }) => setForm({ ...form, [key]: e.target.value }),
  })
  return (
    <form noValidate onSubmit={submit} className="flex max-w-88 flex-col gap-4 p-5">
      <Problem text={text} />
      <Field
        label={t('password.current')}
        autoComplete="current-password"
        {...bind('current')}
        {...(tried && !form.current && { error: auth('required') })}
      />
      <Field
        label={t('password.next')}
        autoComplete="new-password"
        hint={<StrengthBar password={form.next} />}
        aria-invalid={tried && weak ? true : undefined}
        {...bind('next')}
      />
      <Field
        label={t('password.repeat')}
        autoComplete="new-password"
        hint=" "
        {...bind('repeat')}
        {...(tried && differs && { error: auth('setup.mismatch') })}
      />
      <Button type="submit" look="primary" disabled={change.isPending || waiting} className="self-start">
        {t('password.submit')}
      </Button>
    </form>
  )
}
