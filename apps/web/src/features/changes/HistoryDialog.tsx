import { visible } from '@hopscope/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { trpc } from '../../api/client.ts'
import { errorOf } from '../../api/errorOf.ts'
import { useErrorText } from '../../api/useErrorText.ts'
import { useSelection } from '../../shell/location.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { Dialog, SelectField, Skeleton } from '../../ui/index.ts'
import { PastChange } from './view/PastChange.tsx'

/** How often others' changes are looked for while it is open, in milliseconds. */
const LOOK_EVERY = 5_000

/** What was changed on a host, newest first, each with its commands and its undo. */
export function HistoryDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('changes')
  const { all, shown } = useShownHosts()
  const [selection] = useSelection()
  const start = shown.find(({ host }) => host.id === selection?.hostId) ?? shown[0]
  const [hostId, setHostId] = useState(start?.host.id ?? '')
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={t('past.title')}
      description={t('past.text')}
      size="large"
    >
      <div className="flex min-h-80 flex-col gap-4 p-5">
        {all.length > 1 && (
          <SelectField
            label={t('host')}
            value={hostId}
            onChange={setHostId}
            options={all.map(({ host }) => ({ value: host.id, text: visible(host.name) }))}
          />
        )}
        {hostId === '' ? <p className="text-faint">{t('noHost')}</p> : <Changes key={hostId} hostId={hostId} />}
      </div>
    </Dialog>
  )
}

function Changes({ hostId }: { hostId: string }) {
  const t = useTranslations('changes')
  const errorText = useErrorText()
  const past = useQuery(trpc.changes.history.queryOptions({ hostId }, { refetchInterval: LOOK_EVERY, staleTime: 0 }))
  if (past.isError) {
    const away = errorOf(past.error).code === 'NOT_FOUND'
    return <p className="text-danger">{away ? t('past.away') : errorText(past.error)}</p>
  }
  if (past.data === undefined) return <Skeleton className="h-16" />
  if (past.data.length === 0) return <p className="text-faint">{t('past.empty')}</p>
  return (
    <ul aria-label={t('past.label')} className="flex flex-col">
      {past.data.map((change) => (
        <PastChange key={change.id} change={change} hostId={hostId} />
      ))}
    </ul>
  )
}
