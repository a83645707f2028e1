import type { GuideName } from '@hopscope/protocol'
import { Footprints } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useSession } from '../../shell/session.ts'
import { MenuItem } from '../../ui/index.ts'
import { useStartGuide } from './useStartGuide.ts'

type Props = { names: readonly GuideName[]; on?: { hostId: string; container: string } }

/** Menu lines that open guides; with `on`, for a container. */
export function GuideItems({ names, on }: Props) {
  const t = useTranslations('guides')
  const looksOnly = useSession()?.user.role === 'viewer'
  const start = useStartGuide()
  return names.map((name) => (
    <MenuItem
      key={name}
      disabled={looksOnly}
      onSelect={() => (on ? start(name, on) : start(name))}
      className="h-auto min-h-8 py-1"
    >
      <Footprints size={14} aria-hidden className="shrink-0 text-faint" />
      {t(`${name}.menu`)}
    </MenuItem>
  ))
}
