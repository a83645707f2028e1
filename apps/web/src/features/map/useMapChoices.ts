import { useCallback, useMemo, useState } from 'react'
import { z } from 'zod'
import { readSetting, writeSetting } from '../../shell/settings.ts'
import { FILTERS, type Filter, type Filters } from './filters.ts'
import { FOLDINGS, type FoldChoice, type Folding, START_FOLDS, withOpened } from './fold.ts'

export type MapChoices = {
  filters: Filters
  setFilter: (filter: Filter, on: boolean) => void
  showAll: () => void
  folds: FoldChoice
  fold: (folding: Folding) => void
  /** Opens the block with this id, or folds what was opened from it. */
  setOpen: (block: string, open: boolean) => void
  legend: boolean
  setLegend: (on: boolean) => void
  minimap: boolean
  setMinimap: (on: boolean) => void
}

/** What the reader chose about the map, kept on this device. */
export function useMapChoices(): MapChoices {
  const [hide, setHide] = useKept('map.hide', '')
  const [folding, setFolding] = useKept('map.folding', START_FOLDS.folding)
  const [opened, setOpened] = useKept('map.opened', '[]')
  const [arrangement, setArrangement] = useState(0)
  const [legend, setLegend] = useKept('map.legend', 'off')
  const [minimap, setMinimap] = useKept('map.minimap', 'on')
  const filters = useMemo(() => new Set(FILTERS.filter((f) => hide.split(' ').includes(f))), [hide])
  const folds = useMemo(
    () => ({
      folding: FOLDINGS.find((f) => f === folding) ?? START_FOLDS.folding,
      opened: readIds(opened),
      arrangement,
    }),
    [folding, opened, arrangement],
  )
  return {
    filters,
    setFilter: (filter, on) => setHide(FILTERS.filter((f) => (f === filter ? on : filters.has(f))).join(' ')),
    showAll: () => setHide(''),
    folds,
    fold: (next) => {
      setFolding(next)
      setOpened('[]')
      setArrangement((n) => n + 1)
    },
    setOpen: (block, open) => setOpened(JSON.stringify(withOpened(folds, block, open).opened)),
    legend: legend === 'on',
    setLegend: (on) => setLegend(on ? 'on' : 'off'),
    minimap: minimap === 'on',
    setMinimap: (on) => setMinimap(on ? 'on' : 'off'),
  }
}

const idsSchema = z.array(z.string())

/** Ids as they were kept; none when that was something else. */
function readIds(text: string): string[] {
  return idsSchema.safeParse(text.startsWith('[') ? JSON.parse(text) : []).data ?? []
}

function useKept(name: string, start: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => readSetting(name) ?? start)
  const keep = useCallback(
    (next: string) => {
      writeSetting(name, next)
      setValue(next)
    },
    [name],
  )
  return [value, keep]
}
