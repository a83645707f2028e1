import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import { queryClient, trpc } from '../../api/client.ts'
import { Button, Field } from '../../ui/index.ts'
import { AuthPage } from './AuthPage.tsx'
import { Problem } from './Problem.tsx'
import { useProblem } from './useProblem.ts'

/** Sign-in by name and password. The address stays as it is, so that one goes on where one was. */
export function Login({ lost }: { lost: boolean }) {
  const t = useTranslations('auth')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const login = useMutation(
    trpc.auth.login.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.auth.state.queryKey() }),
    }),
  )
  const { text, waiting } = useProblem(login.error)
  const submit = (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (name.trim() && password) login.mutate({ name, password })
  }
  const missing = (value: string) => (tried && !value ? { error: t('required') } : {})
  return (
    <AuthPage title={t('title')}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {lost && !text && <p className="rounded-md bg-warn-fill px-3 py-2 text-warn-ink">{t('lost')}</p>}
        <Problem text={text} />
        <Field
          label={t('name')}
          value={name}
          onChange={(e) => setName(e.target.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          {...missing(name.trim())}
        />
        <Field
          label={t('password')}
          type="password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
          autoComplete="current-password"
          {...missing(password)}
        />
        <Button type="submit" look="primary" disabled={login.isPending || waiting} className="mt-2 h-10 w-full">
          {login.isPending ? t('submitting') : t('submit')}
        </Button>
      </form>
    </AuthPage>
  )
}
