import { useTranslations } from 'use-intl'
import { useSession } from '../../../shell/session.ts'
import { cn, MenuItem, MenuLabel } from '../../../ui/index.ts'
import { asksFor, type Draft } from '../model/draft.ts'

type Props = { drafts: readonly Draft[]; onChoose: (draft: Draft) => void }

/** Menu lines of commands. Whoever may only look sees them, and why they cannot be chosen. */
export function DraftItems({ drafts, onChoose }: Props) {
  const t = useTranslations('changes')
  const looksOnly = useSession()?.user.role === 'viewer'
  return (
    <>
      {looksOnly && <MenuLabel>{t('viewerOnly')}</MenuLabel>}
      {drafts.map((draft) => {
        const action = t(`action.${draft.label}`)
        const deletes = /\.(delete|remove)$/.test(draft.do)
        return (
          <MenuItem
            key={draft.label}
            disabled={looksOnly}
            onSelect={() => onChoose(draft)}
            className={cn(deletes && 'text-danger')}
          >
            {asksFor(draft).length > 0 ? t('asks', { action }) : action}
          </MenuItem>
        )
      })}
    </>
  )
}
