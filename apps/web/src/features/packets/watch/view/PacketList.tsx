import { visible } from '@hopscope/model'
import { flowText, PATH_WORDS } from '@hopscope/path'
import type { ToldStory } from '@hopscope/protocol'
import { isLost } from '@hopscope/trace'
import { useVirtualizer } from '@tanstack/react-virtual'
import { TriangleAlert } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../../i18n/Language.tsx'
import { CheckField, cn, SearchField } from '../../../../ui/index.ts'
import type { Telling } from '../../model/telling.ts'
import { stepBy } from '../../model/walk.ts'
import { verdictLook } from '../../view/verdictLook.ts'
import { isSaid, placesOfStory } from '../model/recording.ts'

type Props = {
  stories: readonly ToldStory[]
  telling: Telling
  /** The place of the one that is looked at. */
  chosen: number | undefined
  onChoose: (index: number) => void
}

const ROW_HEIGHT = 48

/** The packets in the order in which they began to be told of; only those in sight are drawn. */
export function PacketList({ stories, telling, chosen, onChoose }: Props) {
  const t = useTranslations('tracing')
  const { locale: language } = useLanguage()
  const [narrow, setNarrow] = useState('')
  const [onlyLost, setOnlyLost] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const base = useId()
  const { namer } = telling
  const rows = useMemo(() => {
    const words = narrow.toLowerCase().split(/\s+/).filter(Boolean)
    return stories.flatMap((story, index) =>
      (!onlyLost || isLost(story)) && isSaid(story, words, { namer, language }) ? [{ story, index }] : [],
    )
  }, [stories, narrow, onlyLost, namer, language])
  const at = rows.findIndex(({ index }) => index === chosen)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    getItemKey: (i) => rows[i]?.index ?? i,
  })
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' })
  }, [virtual, at])
  const onKeyDown = (e: KeyboardEvent) => {
    const next = stepBy(e.key, at < 0 ? undefined : at, rows.length)
    const row = next === undefined ? undefined : rows[next]
    if (!row) return
    // The same keys go from hop to hop elsewhere in the pane.
    e.preventDefault()
    e.stopPropagation()
    onChoose(row.index)
  }
  return (
    <section aria-label={t('list')} className="flex flex-col gap-2">
      <div className="flex flex-col gap-2 px-4">
        <SearchField label={t('narrow')} clear={t('clear')} value={narrow} onChange={setNarrow} input={input} />
        <div className="flex items-center justify-between gap-2">
          <CheckField label={t('onlyLost')} checked={onlyLost} onChange={setOnlyLost} />
          <span className="tabular text-faint text-sm">{t('of', { shown: rows.length, all: stories.length })}</span>
        </div>
      </div>
      <div
        ref={frame}
        role="listbox"
        aria-label={t('list')}
        aria-activedescendant={at < 0 ? undefined : `${base}${chosen}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        className="max-h-72 overflow-y-auto border-border border-y focus-visible:-outline-offset-2"
      >
        {rows.length === 0 && <p className="px-4 py-3 text-faint">{t('none')}</p>}
        <div role="none" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]
            if (!row) return null
            return (
              <Row
                key={row.index}
                id={`${base}${row.index}`}
                story={row.story}
                telling={telling}
                isChosen={row.index === chosen}
                top={start}
                onChoose={() => onChoose(row.index)}
              />
            )
          })}
        </div>
      </div>
    </section>
  )
}

type RowProps = {
  id: string
  story: ToldStory
  telling: Telling
  isChosen: boolean
  top: number
  onChoose: () => void
}

function Row({ id, story, telling: { namer }, isChosen, top, onChoose }: RowProps) {
  const t = useTranslations('tracing')
  const { locale } = useLanguage()
  const { verdict } = story.way.outcome
  const { icon: Icon, text: ink } = verdictLook[verdict]
  const time = timeOf(story.at)
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
        <span className="tabular shrink-0 text-faint">{time}</span>
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

/** Of the day, to the millisecond. */
function timeOf(at: number): string {
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  const millis = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`
}
