import { X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Inspector } from '../features/inspector/Inspector.tsx'
import { IconButton } from '../ui/index.ts'
import { BottomSheet } from './BottomSheet.tsx'
import { Crash } from './Crash.tsx'
import { useSelection } from './location.ts'

/** The frame around the inspector: at the side when there is room, else a sheet over the lower half. */
export function InspectorPane({ sheet }: { sheet?: boolean }) {
  const t = useTranslations('shell')
  const [selection, select] = useSelection()
  if (!selection) return null
  const content = (
    <>
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
    </>
  )
  if (sheet)
    return (
      <BottomSheet id="inspector" label={t('inspector.label')}>
        {content}
      </BottomSheet>
    )
  // At the side, the pane around it is the landmark already.
  return (
    <div id="inspector" className="relative flex h-full flex-col bg-surface">
      {content}
    </div>
  )
}
