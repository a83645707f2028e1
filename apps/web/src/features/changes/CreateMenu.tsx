import { GUIDE_NAMES } from '@hopscope/protocol'
import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { Button, Menu, MenuLabel, MenuSeparator } from '../../ui/index.ts'
import { GuideItems } from '../guides/GuideItems.tsx'
import { useAsking } from './asking.ts'
import { createMenu } from './model/netnsActions.ts'
import { DraftItems } from './view/DraftItems.tsx'

/** Makes something new on a host. */
export function CreateMenu() {
  const t = useTranslations('changes')
  const { all } = useShownHosts()
  const { ask } = useAsking()
  const drafts = useMemo(createMenu, [])
  const none = !all.some((host) => host.snapshot)
  return (
    <Menu
      className="w-72 max-w-[calc(100vw-16px)]"
      trigger={
        <Button aria-label={t('createHint')} className="max-lg:size-8 max-lg:px-0">
          <Plus size={16} aria-hidden />
          <span className="max-lg:hidden">{t('create')}</span>
        </Button>
      }
    >
      {none ? (
        <MenuLabel>{t('noHost')}</MenuLabel>
      ) : (
        <>
          <DraftItems drafts={drafts} onChoose={(draft) => ask(draft)} />
          <MenuSeparator />
          <GuideItems names={GUIDE_NAMES} />
        </>
      )}
    </Menu>
  )
}
