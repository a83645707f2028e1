import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Separator, useKeptSize } from '../ui/index.ts'

type Props = { id?: string; label: string; children: ReactNode }

/**
 * On a phone, what stands at the side elsewhere: over the lower part of the page, at first less than half of it, so that the map
 * above has room for what it is about. Its upper edge makes it taller and smaller.
 */
export function BottomSheet({ id, label, children }: Props) {
  const t = useTranslations('shell')
  // Hundredths of the window's height.
  const size = useKeptSize({ name: 'sheet', initial: 46, min: 20, max: 80 })
  return (
    <aside
      id={id}
      aria-label={label}
      data-sheet
      style={{ height: `${size.value}dvh` }}
      className="rise fixed inset-x-0 bottom-(--tabbar-height) z-30 flex flex-col overflow-hidden rounded-t-xl border border-border bg-surface shadow-3"
    >
      <Separator
        label={t('sheet.resize')}
        size={size}
        direction="horizontal"
        step={8}
        perPixel={() => 100 / window.innerHeight}
        className="group flex h-5 shrink-0 cursor-row-resize touch-none items-center justify-center rounded-t-xl focus-visible:-outline-offset-2"
      >
        <span aria-hidden className="h-1 w-10 rounded-full bg-border-strong group-hover:bg-faint" />
      </Separator>
      <div className="relative flex min-h-0 flex-1 flex-col">{children}</div>
    </aside>
  )
}
