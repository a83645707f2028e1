import { useMutation } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../../api/useErrorText.ts'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useNow } from '../../../shell/useNow.ts'
import { Button } from '../../../ui/index.ts'
import { Problem } from '../../auth/Problem.tsx'
import { told } from '../model/words.ts'
import { keepChange, lookAgain, type Waiting } from '../unconfirmed.ts'
import { forgetHistory } from '../useChange.ts'
import { Because } from './Because.tsx'

/** The seconds that are left, at least none. */
export function useLeft(endsAt: number): number {
  const now = useNow(250)
  return Math.max(Math.ceil((endsAt - now) / 1_000), 0)
}

/** Keeps a change that would be undone by itself: over a new connection, so that the way is seen to be open. */
export function Keep({ waiting: { hostId, change } }: { waiting: Waiting }) {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  const errorText = useErrorText()
  const keep = useMutation({
    mutationFn: () => keepChange(hostId, change.id),
    onSettled() {
      lookAgain()
      forgetHistory(hostId)
    },
  })
  return (
    <>
      <Button
        small
        look="primary"
        aria-label={t('keep.keepOf', { title: told(change.title, locale) })}
        aria-disabled={keep.isPending}
        onClick={() => keep.isPending || keep.mutate()}
      >
        <Check size={14} aria-hidden />
        {keep.isPending ? t('keep.keeping') : t('keep.keep')}
      </Button>
      <Because reason={keep.data?.kind === 'denied' ? keep.data.reason : undefined} />
      <Problem text={keep.error ? errorText(keep.error) : undefined} />
    </>
  )
}
