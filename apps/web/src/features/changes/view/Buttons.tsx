import { Play, Undo2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Button } from '../../../ui/index.ts'
import { canUndo } from '../model/words.ts'
import type { Changing } from '../useChange.ts'

/** Run it; afterwards, undo it or be done. */
export function Buttons({ form, onClose }: { form: Changing; onClose: () => void }) {
  const t = useTranslations('changes')
  const { change, over, busy, answer, forbidden } = form
  const run = answer?.kind === 'moved' ? t('runMoved') : change ? t('runAgain') : t('run')
  return (
    <div className="flex shrink-0 justify-end gap-2 border-border border-t bg-raised px-5 py-3">
      {change && canUndo(change) && (
        <Button onClick={form.undo} aria-disabled={busy !== undefined}>
          <Undo2 size={16} aria-hidden />
          {busy === 'undoing' ? t('undoing') : t('undo')}
        </Button>
      )}
      <Button onClick={onClose} look={over ? 'primary' : 'plain'}>
        {t('close')}
      </Button>
      {!over && (
        <Button type="submit" look="primary" disabled={forbidden} aria-disabled={busy !== undefined}>
          <Play size={14} aria-hidden />
          {busy === 'running' ? t('running') : run}
        </Button>
      )}
    </div>
  )
}
