import { useQuery } from '@tanstack/react-query'
import { Ellipsis, KeyRound, Trash2, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { trpc } from '../../api/client.ts'
import { useErrorText } from '../../api/useErrorText.ts'
import { useSession } from '../../shell/session.ts'
import { Badge, Button, IconButton, Menu, MenuItem, Skeleton } from '../../ui/index.ts'
import { AddUser } from './AddUser.tsx'
import type { Account } from './account.ts'
import { RemoveUser } from './RemoveUser.tsx'
import { ResetPassword } from './ResetPassword.tsx'
import { RoleSelect } from './RoleSelect.tsx'
import { useUserActions } from './useUserActions.ts'

type Asking = { what: 'add' } | { what: 'reset' | 'remove'; account: Account } | null

/** All accounts, for administrators. */
export function Users() {
  const t = useTranslations('settings')
  const errorText = useErrorText()
  const users = useQuery(trpc.users.list.queryOptions())
  const [asking, setAsking] = useState<Asking>(null)
  const close = () => setAsking(null)
  if (users.isError) return <p className="p-5 text-danger">{errorText(users.error)}</p>
  return (
    <div className="flex flex-col p-5">
      <ul className="flex flex-col">
        {users.data?.map((account) => (
          <Line
            key={account.id}
            account={account}
            onReset={() => setAsking({ what: 'reset', account })}
            onRemove={() => setAsking({ what: 'remove', account })}
          />
        )) ?? <Skeleton className="h-14" />}
      </ul>
      <Button onClick={() => setAsking({ what: 'add' })} className="mt-4 self-start">
        <UserPlus size={16} aria-hidden />
        {t('users.add')}
      </Button>
      {asking?.what === 'add' && <AddUser onClose={close} />}
      {asking?.what === 'reset' && <ResetPassword account={asking.account} onClose={close} />}
      {asking?.what === 'remove' && <RemoveUser account={asking.account} onClose={close} />}
    </div>
  )
}

type LineProps = { account: Account; onReset: () => void; onRemove: () => void }

function Line({ account, onReset, onRemove }: LineProps) {
  const t = useTranslations('settings')
  const format = useFormatter()
  const { setRole } = useUserActions()
  const { id, name, role, createdAt } = account
  const own = useSession()?.user.id === id
  const date = format.dateTime(createdAt, { dateStyle: 'medium' })
  return (
    <li className="flex items-center gap-3 border-border border-b py-2.5 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium">{name}</span>
          {own && <Badge>{t('users.you')}</Badge>}
        </p>
        <p className="text-faint text-sm">{t('users.since', { date })}</p>
      </div>
      <RoleSelect label={t('users.roleOf', { name })} value={role} onChange={(r) => setRole.mutate({ id, role: r })} />
      <Menu trigger={<IconButton icon={Ellipsis} label={t('users.actions', { name })} silent />}>
        <MenuItem onSelect={onReset}>
          <KeyRound size={14} aria-hidden />
          {t('users.reset')}
        </MenuItem>
        <MenuItem onSelect={onRemove} className="text-danger">
          <Trash2 size={14} aria-hidden />
          {t('users.remove')}
        </MenuItem>
      </Menu>
    </li>
  )
}
