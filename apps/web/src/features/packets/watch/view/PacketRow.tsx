import { visible } from '@hopscope/model'
import { flowText, PATH_WORDS } from '@hopscope/path'
import type { ToldStory } from '@hopscope/protocol'
import { TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../../i18n/Language.tsx'
import { cn } from '../../../../ui/index.ts'
import type { Telling } from '../../model/telling.ts'
import { verdictLook } from '../../view/verdictLook.ts'
import { placesOfStory } from '../model/recording.ts'
import { timeOfDay } from '../model/timeOfDay.ts'

/** Pixels. */
export const ROW_HEIGHT = 48

type Props = {
  id: string
  story: ToldStory
  telling: Telling
  isChosen: boolean
  top: number
  onChoose: () => void
}

/** A packet in the list: its headers, when it was seen, what became of it, and where it came through. */
export function PacketRow({ id, story, telling: { namer }, isChosen, top, onChoose }: Props) {
  const t = useTranslations('tracing')
  const { locale } = useLanguage()
  const { verdict } = story.way.outcome
  const { icon: Icon, text: ink } = verdictLook[verdict]
  const flow = story.flow ? flowText(story.flow) : t('noHeaders')
  const places = placesOfStory(story).map((netns) => visible(namer.place(netns, PATH_WORDS[locale]).trim()))
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      data-verdict={verdict}
      onClick={onChoose}
      style={{ top, height: ROW_HEIGHT }}
      className={cn(
        'absolute inset-x-0 flex cursor-default flex-col justify-center border-border border-b px-4 hover:bg-hover',
        isChosen && 'bg-selection-fill hover:bg-selection-fill',
      )}
    >
      <span className="truncate font-mono text-sm">{flow}</span>
      <span className="flex min-w-0 items-center gap-2 text-sm">
        <span className="tabular shrink-0 text-faint">{timeOfDay(story.at)}</span>
        <span className={cn('flex shrink-0 items-center gap-1', ink)}>
          <Icon size={13} aria-hidden />
          {t(`verdicts.${verdict}`)}
        </span>
        {story.partial && <TriangleAlert size={13} aria-label={t('partial')} className="shrink-0 text-warn" />}
        <span className="min-w-0 truncate text-faint">{places.join(' → ')}</span>
      </span>
    </div>
  )
}
