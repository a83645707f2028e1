import { visible } from '@hopscope/model'
import type { Change } from '@hopscope/protocol'
import { CircleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { toldReason } from '../model/words.ts'

/** Why something was not done or did not work, read out when it appears, with what the program said itself. */
export function Because({ reason }: { reason: Change['reason'] }) {
  const { locale } = useLanguage()
  return (
    <div role="alert" className="empty:hidden">
      {reason && (
        <div className="flex gap-2 rounded-md bg-danger-fill px-3 py-2 text-danger-ink">
          <CircleAlert size={16} aria-hidden className="mt-0.5 shrink-0" />
          <div className="flex min-w-0 flex-col gap-1 [overflow-wrap:anywhere]">
            <p>{toldReason(reason, locale)}</p>
            {reason.detail !== undefined && (
              <q lang="en" className="font-mono text-sm">
                {visible(reason.detail)}
              </q>
            )}
            {reason.difference && <Difference difference={reason.difference} />}
          </div>
        </div>
      )}
    </div>
  )
}

/** What the plan was made from, and what is there instead. */
function Difference({ difference }: { difference: NonNullable<NonNullable<Change['reason']>['difference']> }) {
  const t = useTranslations('changes')
  const { expected, found } = difference
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-3 text-sm">
      <dt>{t('difference.expected')}</dt>
      <dd className="font-mono">{expected === undefined ? t('difference.nothing') : visible(expected)}</dd>
      <dt>{t('difference.found')}</dt>
      <dd className="font-mono">{found === undefined ? t('difference.nothing') : visible(found)}</dd>
    </dl>
  )
}
