import type { EdgeKind, NodeKind, NodeState } from '@hopscope/topology'
import { useTranslations } from 'use-intl'
import { KindIcon } from '../../ui/index.ts'
import type { Palette } from './palette.ts'
import { linePaint } from './style.ts'

const KINDS = [
  'segment',
  'nic',
  'stack',
  'bridge',
  'macvlan',
  'tunnel',
  'box',
  'interface',
  'entrance',
  'resident',
] as const satisfies NodeKind[]
const LINES = ['veth', 'bridge-port', 'segment', 'route', 'tunnel', 'macvlan', 'publish'] as const satisfies EdgeKind[]
const STATES = ['up', 'degraded', 'down', 'unknown'] as const satisfies NodeState[]

/** What the colours, marks and lines of the map mean. */
export function Legend({ palette }: { palette: Palette }) {
  const t = useTranslations('map.legend')
  const k = useTranslations('kinds')
  return (
    <section
      aria-label={t('title')}
      className="rise absolute bottom-3 left-3 max-h-[calc(100%-24px)] w-72 max-w-[calc(100%-24px)] max-sm:bottom-14 max-sm:max-h-[calc(100%-72px)] overflow-y-auto rounded-lg border border-border bg-raised p-3 shadow-2"
    >
      <Part title={t('kinds')}>
        {KINDS.map((kind) => (
          <li key={kind} className="flex items-center gap-2">
            <KindIcon kind={kind} />
            <span className="text-sm">{k(`node.${kind}`)}</span>
          </li>
        ))}
      </Part>
      <Part title={t('lines')}>
        {LINES.map((kind) => (
          <li key={kind} className="flex items-center gap-2">
            <Stroke {...linePaint(kind, palette)} />
            <span className="text-sm">{t(`line.${kind}`)}</span>
          </li>
        ))}
      </Part>
      <Part title={t('way')}>
        {(['told', 'inferred'] as const).map((basis) => (
          <li key={basis} className="flex items-center gap-2">
            <Stroke stroke={palette.selection} width={3} {...(basis === 'inferred' && { dash: [5, 3] })} />
            <span className="text-sm">{t(`basis.${basis}`)}</span>
          </li>
        ))}
      </Part>
      <Part title={t('states')}>
        {STATES.map((state) => (
          <li key={state} className="flex items-center gap-2">
            <svg width="16" height="10" aria-hidden="true">
              <circle cx="8" cy="5" r="4" fill={palette.state[state]} />
            </svg>
            <span className="text-sm">{k(`state.${state}`)}</span>
          </li>
        ))}
      </Part>
    </section>
  )
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="mb-3 last:mb-0">
      <h3 className="mb-1 text-faint text-xs">{title}</h3>
      <ul className="grid grid-cols-2 gap-x-3 gap-y-0.5">{children}</ul>
    </div>
  )
}

const Stroke = ({ stroke, width, dash }: { stroke: string; width: number; dash?: readonly number[] }) => (
  <svg width="16" height="10" aria-hidden="true" className="shrink-0">
    <line x1="0" y1="5" x2="16" y2="5" stroke={stroke} strokeWidth={width} strokeDasharray={dash?.join(' ')} />
  </svg>
)
