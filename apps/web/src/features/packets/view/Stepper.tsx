import { ArrowDown, ArrowDownToLine, ArrowUp, ArrowUpToLine } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { IconButton } from '../../../ui/index.ts'
import { stepBy } from '../model/walk.ts'

type Props = { at: number | undefined; count: number; onStep: (at: number) => void }

/** Goes from hop to hop; the keys of the pane do the same. */
export function Stepper({ at, count, onStep }: Props) {
  const t = useTranslations('packets')
  const by = (key: string) => () => {
    const next = stepBy(key, at, count)
    if (next !== undefined) onStep(next)
  }
  return (
    <fieldset className="flex min-w-0 items-center gap-1">
      <legend className="sr-only">{t('step.label')}</legend>
      <IconButton icon={ArrowUpToLine} label={t('step.first')} onClick={by('Home')} />
      <IconButton icon={ArrowUp} label={t('step.back')} onClick={by('ArrowUp')} />
      <IconButton icon={ArrowDown} label={t('step.on')} onClick={by('ArrowDown')} />
      <IconButton icon={ArrowDownToLine} label={t('step.last')} onClick={by('End')} />
      <span className="tabular ml-1 truncate text-faint text-sm">
        {at === undefined ? t('hops', { count }) : t('step.at', { at: at + 1, count })}
      </span>
    </fieldset>
  )
}
