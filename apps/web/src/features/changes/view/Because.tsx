import { visible } from '@hopscope/model'
import type { Change } from '@hopscope/protocol'
import { CircleAlert } from 'lucide-react'
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
          </div>
        </div>
      )}
    </div>
  )
}
