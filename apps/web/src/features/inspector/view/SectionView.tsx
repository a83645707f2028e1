import { ChevronRight } from 'lucide-react'
import { useCallback, useEffect, useId, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { readSetting, writeSetting } from '../../../shell/settings.ts'
import { CommandLine, cn } from '../../../ui/index.ts'
import type { Section } from '../model/page.ts'
import { BlockView } from './BlockView.tsx'

/** Somebody jumped to this section; a new object with each jump. */
export type Wanted = { key: Section['key'] }

/** One section: folds, remembers on this device whether it is open, and ends with the commands that show it by hand. */
export function SectionView({ section, wanted }: { section: Section; wanted?: Wanted | undefined }) {
  const t = useTranslations('inspector')
  const id = useId()
  const [open, setOpen] = useOpen(section)
  const head = useRef<HTMLButtonElement>(null)
  const whole = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!wanted) return
    setOpen(true)
    if (whole.current?.parentElement) whole.current.parentElement.scrollTop = whole.current.offsetTop
    head.current?.focus({ preventScroll: true })
  }, [wanted, setOpen])
  return (
    <section ref={whole} aria-labelledby={id} className="border-border border-b last:border-b-0">
      <h3 id={id} className="sticky top-0 z-1 bg-surface">
        <button
          type="button"
          aria-expanded={open}
          ref={head}
          onClick={() => setOpen(!open)}
          className="flex h-10 w-full items-center gap-2 px-4 text-left font-medium transition-colors hover:bg-hover focus-visible:-outline-offset-2"
        >
          <ChevronRight
            size={14}
            aria-hidden
            className={cn('-ml-0.5 shrink-0 text-faint transition-transform', open && 'rotate-90')}
          />
          <span className="min-w-0 truncate">{t(`section.${section.key}`)}</span>
          {section.count !== undefined && <span className="tabular text-faint text-sm">{section.count}</span>}
        </button>
      </h3>
      {open && (
        <div className="flex flex-col gap-3 px-4 pt-1 pb-4">
          {section.blocks.map((block, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a section keep their order
            <BlockView key={i} block={block} />
          ))}
          {section.commands.length > 0 && <ByHand commands={section.commands} />}
        </div>
      )}
    </section>
  )
}

function ByHand({ commands }: { commands: readonly string[] }) {
  const t = useTranslations('inspector')
  return (
    <div className="flex flex-col gap-1">
      <p className="text-faint text-xs">{t('byHand')}</p>
      {commands.map((command) => (
        <CommandLine key={command} command={command} />
      ))}
    </div>
  )
}

function useOpen({ key, folded }: Section): [boolean, (open: boolean) => void] {
  const name = `inspector.${key}`
  const [open, setOpen] = useState(() => (readSetting(name) ?? (folded ? 'closed' : 'open')) === 'open')
  const keep = useCallback(
    (next: boolean) => {
      setOpen(next)
      writeSetting(name, next ? 'open' : 'closed')
    },
    [name],
  )
  return [open, keep]
}
