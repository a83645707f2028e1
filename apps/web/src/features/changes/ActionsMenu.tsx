import { withoutNetwork } from '@hopscope/command'
import type { RecordRef } from '@hopscope/topology'
import { ChevronDown, Wrench } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { useRecord, useSnapshot } from '../../stream/hooks.ts'
import { Button, Menu, MenuSeparator } from '../../ui/index.ts'
import { GuideItems } from '../guides/GuideItems.tsx'
import { useAsking } from './asking.ts'
import { actionsFor } from './model/actionsFor.ts'
import { DraftItems } from './view/DraftItems.tsx'

/** What can be done to an object; nothing where nothing can. */
export function ActionsMenu({ target, name }: { target: RecordRef; name: string }) {
  const t = useTranslations('changes')
  const snapshot = useSnapshot(target.hostId)
  const record = useRecord(target)
  const { ask } = useAsking()
  const actions = useMemo(
    () => (record && snapshot ? actionsFor(target.kind, record, snapshot) : []),
    [target.kind, record, snapshot],
  )
  const alone =
    target.kind === 'container' && snapshot ? withoutNetwork(snapshot).find((one) => one === record) : undefined
  if (actions.length === 0) return null
  return (
    <Menu
      className="w-72 max-w-[calc(100vw-16px)]"
      trigger={
        <Button small aria-label={t('actionsOf', { object: name })}>
          <Wrench size={14} strokeWidth={1.75} aria-hidden />
          {t('actions')}
          <ChevronDown size={14} aria-hidden className="text-faint" />
        </Button>
      }
    >
      <DraftItems drafts={actions} onChoose={(draft) => ask(draft, target.hostId)} />
      {alone && (
        <>
          <MenuSeparator />
          <GuideItems names={['handmade']} on={{ hostId: target.hostId, container: alone.name }} />
        </>
      )}
    </Menu>
  )
}
