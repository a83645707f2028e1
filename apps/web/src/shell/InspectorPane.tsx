import { X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Inspector } from '../features/inspector/Inspector.tsx'
import { IconButton } from '../ui/index.ts'
import { Crash } from './Crash.tsx'
import { useSelection } from './location.ts'

/** The frame around the inspector: at the side when there is room, else a sheet over the lower half. */
export function InspectorPane({ sheet }: { sheet?: boolean }) {
  const t = useTranslations('shell')
  const [selection, select] = useSelection()
  if (!selection) return null
  // At the side, the pane around it is the landmark already.
  const Frame = sheet ? 'aside' : 'div'
  return (
    <Frame
      id="inspector"
      aria-label={sheet ? t('inspector.label') : undefined}
      className={
        sheet
          ? 'rise fixed inset-x-0 bottom-(--tabbar-height) z-30 flex h-[55dvh] flex-col rounded-t-xl border border-border bg-surface shadow-3'
          : 'relative flex h-full flex-col bg-surface'
      }
    >
      <IconButton
        icon={X}
        label={t('inspector.close')}
        silent
        onClick={() => void select(null)}
        className="absolute top-2 right-2 z-10"
      />
      <Crash key={`${selection.hostId} ${selection.id}`}>
        <Inspector selection={selection} />
      </Crash>
    </Frame>
  )
}
