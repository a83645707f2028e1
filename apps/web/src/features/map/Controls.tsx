import {
  Download,
  Filter as FilterIcon,
  FoldVertical,
  Fullscreen,
  List,
  Map as MapIcon,
  Minus,
  Plus,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton, Menu, MenuCheck, MenuItem, MenuLabel } from '../../ui/index.ts'
import { EXPORTS, type ExportFormat } from './exportImage.ts'
import { FILTERS, type Filter, type Filters } from './filters.ts'
import { FOLDINGS, type Folding } from './fold.ts'

type Props = {
  filters: Filters
  onFilter: (filter: Filter, on: boolean) => void
  onFold: (folding: Folding) => void
  onExport: (format: ExportFormat) => void
  onZoom: (factor: number) => void
  onFit: () => void
  legend: boolean
  onLegend: (on: boolean) => void
  minimap: boolean
  onMinimap: (on: boolean) => void
}

/** What can be done to the map as a whole: a toolbar at its upper right corner. */
export function Controls(props: Props) {
  const t = useTranslations('map')
  return (
    <div
      role="toolbar"
      aria-label={t('controls.label')}
      aria-orientation="vertical"
      className="absolute top-3 right-3 flex flex-col gap-2 max-sm:top-auto max-sm:bottom-3 max-sm:flex-row"
    >
      <Group>
        <IconButton small icon={Plus} label={t('controls.zoomIn')} onClick={() => props.onZoom(1.4)} />
        <IconButton small icon={Minus} label={t('controls.zoomOut')} onClick={() => props.onZoom(1 / 1.4)} />
        <IconButton small icon={Fullscreen} label={t('controls.fit')} onClick={props.onFit} />
      </Group>
      <Group>
        <FilterMenu filters={props.filters} onFilter={props.onFilter} />
        <Menu trigger={<IconButton small silent icon={FoldVertical} label={t('controls.folding')} />}>
          {FOLDINGS.map((folding) => (
            <MenuItem key={folding} onSelect={() => props.onFold(folding)}>
              {t(`controls.${folding}`)}
            </MenuItem>
          ))}
        </Menu>
        <Menu trigger={<IconButton small silent icon={Download} label={t('controls.export')} />}>
          {EXPORTS.map((format) => (
            <MenuItem key={format} onSelect={() => props.onExport(format)}>
              {t(`export.${format}`)}
            </MenuItem>
          ))}
        </Menu>
      </Group>
      <Group>
        <Toggle icon={List} label={t('controls.legend')} on={props.legend} onChange={props.onLegend} />
        <Toggle icon={MapIcon} label={t('controls.minimap')} on={props.minimap} onChange={props.onMinimap} />
      </Group>
    </div>
  )
}

const Group = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-col rounded-lg border max-sm:flex-row border-border bg-raised p-0.5 shadow-2">
    {children}
  </div>
)

type ToggleProps = { icon: typeof List; label: string; on: boolean; onChange: (on: boolean) => void }

const Toggle = ({ icon, label, on, onChange }: ToggleProps) => (
  <IconButton small icon={icon} label={label} aria-pressed={on} onClick={() => onChange(!on)} />
)

function FilterMenu({ filters, onFilter }: { filters: Filters; onFilter: Props['onFilter'] }) {
  const t = useTranslations('map')
  return (
    <Menu
      trigger={
        <IconButton
          small
          silent
          icon={FilterIcon}
          label={t('controls.filters')}
          className={filters.size ? 'text-selection' : ''}
        />
      }
    >
      <MenuLabel>{t('filter.title')}</MenuLabel>
      {FILTERS.map((filter) => (
        <MenuCheck key={filter} checked={filters.has(filter)} onChange={(on) => onFilter(filter, on)}>
          {t(`filter.${filter}`)}
        </MenuCheck>
      ))}
    </Menu>
  )
}
