import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useSession } from '../../shell/session.ts'
import { Dialog, Tabs } from '../../ui/index.ts'
import { About } from './About.tsx'
import { General } from './General.tsx'
import { PasswordForm } from './PasswordForm.tsx'
import { Users } from './Users.tsx'

type Props = { open: boolean; onOpenChange: (open: boolean) => void }

/** Everything a person can set. Users only for administrators. */
export function SettingsDialog({ open, onOpenChange }: Props) {
  const t = useTranslations('settings')
  const [tab, setTab] = useState('general')
  const admin = useSession()?.user.role === 'admin'
  const tabs = [
    { value: 'general', label: t('tab.general'), content: <General /> },
    { value: 'password', label: t('tab.password'), content: <PasswordForm /> },
    ...(admin ? [{ value: 'users', label: t('tab.users'), content: <Users /> }] : []),
    { value: 'about', label: t('tab.about'), content: <About /> },
  ]
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('title')}>
      {/* One height for all tabs, so that the dialog does not jump. */}
      <div className="flex h-[min(520px,64dvh)] flex-col">
        <Tabs label={t('label')} value={tab} onChange={setTab} tabs={tabs} />
      </div>
    </Dialog>
  )
}
