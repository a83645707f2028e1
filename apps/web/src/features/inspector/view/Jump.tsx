import { useTranslations } from 'use-intl'
import type { Section } from '../model/page.ts'

/** Leads to a section of a long page. */
export function Jump({ sections, onJump }: { sections: readonly Section[]; onJump: (key: Section['key']) => void }) {
  const t = useTranslations('inspector')
  return (
    <nav aria-label={t('jump')} className="shrink-0 overflow-x-auto border-border border-b [scrollbar-width:none]">
      <ul className="flex w-max gap-1 px-3 py-1">
        {sections.map((section) => (
          <li key={section.key}>
            <button
              type="button"
              onClick={() => onJump(section.key)}
              className="h-7 whitespace-nowrap rounded-md px-2 text-soft text-sm transition-colors hover:bg-hover hover:text-text focus-visible:-outline-offset-2"
            >
              {t(`section.${section.key}`)}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}
