import type { RecordRef } from '@hopscope/topology'
import { Ghost } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { EmptyState } from '../../ui/index.ts'
import type { SectionKey } from './model/page.ts'
import { useInspected } from './useInspected.ts'
import { Header } from './view/Header.tsx'
import { Jump } from './view/Jump.tsx'
import { SectionView, type Wanted } from './view/SectionView.tsx'

/** From this many sections on, a page has a row of links to them. */
const MANY = 5

/** Everything about the selected object, section by section, each with the commands that show it by hand. */
export function Inspector({ selection }: { selection: RecordRef }) {
  const t = useTranslations('inspector')
  const page = useInspected(selection)
  const [wanted, setWanted] = useState<Wanted>()
  const jump = (key: SectionKey) => setWanted({ key })
  if (!page) {
    return (
      <EmptyState icon={Ghost} title={t('gone.title')}>
        <p className="text-soft">{t('gone.text')}</p>
      </EmptyState>
    )
  }
  return (
    <>
      <Header page={page} />
      {page.sections.length > MANY && <Jump sections={page.sections} onJump={jump} />}
      <div
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain pb-6 focus-visible:-outline-offset-2"
      >
        {page.sections.map((section) => (
          <SectionView key={section.key} section={section} wanted={wanted?.key === section.key ? wanted : undefined} />
        ))}
      </div>
    </>
  )
}
