import { visible } from '@hopscope/model'
import { useMutation } from '@tanstack/react-query'
import { Timer, Undo2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { trpc } from '../../api/client.ts'
import { useLanguage } from '../../i18n/Language.tsx'
import { Banner } from '../../shell/Banner.tsx'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { Button } from '../../ui/index.ts'
import { told } from './model/words.ts'
import { lookAgain, useUnconfirmed, type Waiting } from './unconfirmed.ts'
import { Keep, useLeft } from './view/Keep.tsx'

/** Changes that are undone by themselves soon, whoever made them: to be kept or undone from wherever one is. */
export function UnconfirmedBanner() {
  return useUnconfirmed().map((waiting) => <One key={waiting.change.id} waiting={waiting} />)
}

function One({ waiting }: { waiting: Waiting }) {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  const { all } = useShownHosts()
  const { hostId, change, endsAt } = waiting
  const undo = useMutation(trpc.changes.undo.mutationOptions({ onSettled: lookAgain }))
  const seconds = useLeft(endsAt)
  const title = told(change.title, locale)
  const host = visible(all.find((one) => one.host.id === hostId)?.host.name ?? hostId)
  return (
    <Banner
      icon={Timer}
      hue="warn"
      action={
        <div className="flex flex-wrap items-center gap-2">
          <Keep waiting={waiting} />
          <Button
            small
            aria-label={t('keep.undoOf', { title })}
            aria-disabled={undo.isPending}
            onClick={() => undo.isPending || undo.mutate({ hostId, id: change.id })}
          >
            <Undo2 size={14} aria-hidden />
            {undo.isPending ? t('undoing') : t('keep.undoNow')}
          </Button>
        </div>
      }
    >
      {seconds === 0 ? t('keep.over') : t('keep.title', { title, host, seconds })}
    </Banner>
  )
}
