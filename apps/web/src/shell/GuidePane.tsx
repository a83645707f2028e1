import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { GuidePanel } from '../features/guides/GuidePanel.tsx'
import type { OpenGuide } from '../features/guides/location.ts'
import { cn } from '../ui/index.ts'
import { BottomSheet } from './BottomSheet.tsx'
import { Crash } from './Crash.tsx'
import { InspectorPane } from './InspectorPane.tsx'
import { useSelection } from './location.ts'

/** The frame around a guide, as the inspector's: what is selected meanwhile is a button away. */
export function GuidePane({ guide, sheet }: { guide: OpenGuide; sheet?: boolean }) {
  const t = useTranslations('shell')
  const [selection] = useSelection()
  const [wanted, setWanted] = useState<'guide' | 'details'>('guide')
  const shown = selection ? wanted : 'guide'
  const content = (
    <>
      {selection && (
        <fieldset className="flex shrink-0 gap-1 border-border border-b px-3">
          <legend className="sr-only">{t('guide.beside')}</legend>
          {(['guide', 'details'] as const).map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={shown === one}
              onClick={() => setWanted(one)}
              className={cn(
                '-mb-px h-9 border-transparent border-b-2 px-2 text-soft transition-colors hover:text-text focus-visible:-outline-offset-2',
                shown === one && 'border-primary font-medium text-text',
              )}
            >
              {t(`guide.${one}`)}
            </button>
          ))}
        </fieldset>
      )}
      {/* A guide that runs its steps goes on while something else is looked at. */}
      <div hidden={shown !== 'guide'} className="min-h-0 flex-1 [&[hidden]]:hidden">
        <Crash key={guide.name}>
          <GuidePanel guide={guide} />
        </Crash>
      </div>
      {shown === 'details' && (
        <div className="min-h-0 flex-1">
          <InspectorPane />
        </div>
      )}
    </>
  )
  if (sheet) return <BottomSheet label={t('guide.label')}>{content}</BottomSheet>
  return <div className="flex h-full flex-col bg-surface">{content}</div>
}
