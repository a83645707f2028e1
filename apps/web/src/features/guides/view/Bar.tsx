import { FastForward, Play, Square, Undo2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Button } from '../../../ui/index.ts'
import type { Running } from '../useRunning.ts'

/** Run the next step or all that are left, and undo. The same buttons all the way, so that the focus stays. */
export function Bar({ running, isOver }: { running: Running; isOver: boolean }) {
  const t = useTranslations('guides')
  const { next, ran, busy, rest, forbidden, run, runRest, stop, undo } = running
  const idle = busy === undefined && !rest
  const canRun = next !== undefined && !forbidden
  // The host may show a step as done before its answer is here; the rest follows that step then.
  const canGoOn = canRun && busy !== 'undoing'
  return (
    <footer className="flex shrink-0 flex-wrap gap-2 border-border border-t bg-raised px-4 py-3">
      {!isOver && (
        <>
          <Button look="primary" aria-disabled={!idle || !canRun} onClick={() => idle && canRun && void run()}>
            <Play size={14} aria-hidden />
            {busy === 'running' ? t('running') : t('run')}
          </Button>
          <Button aria-disabled={!rest && !canGoOn} onClick={rest ? stop : () => canGoOn && runRest()}>
            {rest ? <Square size={14} aria-hidden /> : <FastForward size={14} aria-hidden />}
            {rest ? t('stop') : t('runRest')}
          </Button>
        </>
      )}
      {ran.length > 0 && (
        <>
          <Button aria-disabled={!idle} onClick={() => idle && void undo(false)}>
            <Undo2 size={14} aria-hidden />
            {busy === 'undoing' ? t('undoing') : t('undoLast')}
          </Button>
          {isOver && (
            <Button aria-disabled={!idle} onClick={() => idle && void undo(true)}>
              {t('undoAll')}
            </Button>
          )}
        </>
      )}
    </footer>
  )
}
