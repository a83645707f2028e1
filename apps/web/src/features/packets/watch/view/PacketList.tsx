import { isLost } from '@hopscope/trace'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../../i18n/Language.tsx'
import { CheckField, SearchField } from '../../../../ui/index.ts'
import type { Telling } from '../../model/telling.ts'
import { stepBy } from '../../model/walk.ts'
import { isSaid, type Recording } from '../model/recording.ts'
import { axisOf, isIn, type Span } from '../model/timeline.ts'
import { PacketRow, ROW_HEIGHT } from './PacketRow.tsx'
import { Timeline } from './Timeline.tsx'

type Props = {
  recording: Recording
  telling: Telling
  /** The place of the one that is looked at. */
  chosen: number | undefined
  onChoose: (index: number) => void
}

/** The packets in the order in which they began to be told of, below their timeline; only those in sight are drawn. */
export function PacketList({ recording, telling, chosen, onChoose }: Props) {
  const t = useTranslations('tracing')
  const { locale: language } = useLanguage()
  const [narrow, setNarrow] = useState('')
  const [onlyLost, setOnlyLost] = useState(false)
  const [span, setSpan] = useSpan(recording)
  const input = useRef<HTMLInputElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const base = useId()
  const { namer } = telling
  const { stories } = recording
  const axis = useMemo(() => axisOf(stories), [stories])
  const meant = useMemo(() => {
    const words = narrow.toLowerCase().split(/\s+/).filter(Boolean)
    return stories.flatMap((story, index) =>
      (!onlyLost || isLost(story)) && isSaid(story, words, { namer, language }) ? [{ story, index }] : [],
    )
  }, [stories, narrow, onlyLost, namer, language])
  const rows = useMemo(() => (span ? meant.filter(({ story }) => isIn(span, story)) : meant), [meant, span])
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
      {axis && (
        <Timeline {...{ axis, recording, meant, shown: rows.length, chosen, span, onChoose }} onSpan={setSpan} />
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4">
        <SearchField
          label={t('narrow')}
          clear={t('clear')}
          value={narrow}
          onChange={setNarrow}
          input={input}
          className="min-w-36 flex-1"
        />
        <CheckField label={t('onlyLost')} checked={onlyLost} onChange={setOnlyLost} />
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
              <PacketRow
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

/** The stretch of time that the list is restricted to; it means nothing for other packets. */
function useSpan({ began }: Pick<Recording, 'began'>): [Span | undefined, (span: Span | undefined) => void] {
  const [now, set] = useState<{ began: number; span: Span | undefined }>()
  return [now?.began === began ? now.span : undefined, (span) => set({ began, span })]
}
