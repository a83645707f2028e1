import type { Outcome } from '@hopscope/model'
import { CircleCheck, CircleHelp, CircleX, type LucideIcon, OctagonX } from 'lucide-react'

type Look = { icon: LucideIcon; text: string; card: string }

const good = { icon: CircleCheck, text: 'text-ok', card: 'border-ok bg-ok-fill text-ok-ink' }
const bad = { text: 'text-danger', card: 'border-danger bg-danger-fill text-danger-ink' }

/** How each verdict is told beside its words. */
export const verdictLook: Readonly<Record<Outcome['verdict'], Look>> = {
  delivered: good,
  left: good,
  refused: { icon: OctagonX, ...bad },
  dropped: { icon: CircleX, ...bad },
  undetermined: { icon: CircleHelp, text: 'text-warn', card: 'border-warn bg-warn-fill text-warn-ink' },
}
