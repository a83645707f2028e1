import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import { queryClient, trpc } from '../../api/client.ts'
import { Button, Field } from '../../ui/index.ts'
import { AuthPage } from './AuthPage.tsx'
import { Problem } from './Problem.tsx'
import { StrengthBar } from './StrengthBar.tsx'
import { MIN_PASSWORD } from './strength.ts'
import { useProblem } from './useProblem.ts'

const MAX_NAME = 64

/** Makes the first account, after the one-time link. */
export function Setup() {
  const t = useTranslations('auth')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [repeat, setRepeat] = useState('')
  const [tried, setTried] = useState(false)
  const setup = useMutation(
    trpc.auth.setup.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.auth.state.queryKey() }),
    }),
  )
  const { text, waiting } = useProblem(setup.error)
  const wrong = {
    name: !name.trim() ? t('required') : name.trim().length > MAX_NAME ? t('setup.badName') : undefined,
    password:
      password.length < MIN_PASSWORD ? t('setup.tooShort', { missing: MIN_PASSWORD - password.length }) : undefined,
    repeat: repeat !== password ? t('setup.mismatch') : undefined,
  }
  const shown = (message: string | undefined) => (tried && message ? { error: message } : {})
  const submit = (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (!wrong.name && !wrong.password && !wrong.repeat) setup.mutate({ name, password })
  }
  return (
    <AuthPage title={t('setup.title')} lead={t('setup.lead')}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Problem text={text} />
        <Field
          label={t('setup.name')}
          hint={t('setup.nameHint')}
          value={name}
          onChange={(e) => setName(e.target.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          {...shown(wrong.name)}
        />
        <Field
          label={t('setup.password')}
          type="password"
          hint={<StrengthBar password={password} />}
          value={password}
          onChange={(e) => setPassword(e.target.value)}
          autoComplete="new-password"
          aria-invalid={tried && wrong.password ? true : undefined}
        />
        <Field
          label={t('setup.repeat')}
          type="password"
          hint=" "
          value={repeat}
          onChange={(e) => setRepeat(e.target.value)}
          autoComplete="new-password"
          {...shown(wrong.repeat)}
        />
        <Button type="submit" look="primary" disabled={setup.isPending || waiting} className="h-10 w-full">
          {setup.isPending ? t('setup.submitting') : t('setup.submit')}
        </Button>
      </form>
    </AuthPage>
  )
}
