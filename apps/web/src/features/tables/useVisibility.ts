import type { VisibilityState } from '@tanstack/react-table'
import { useState } from 'react'
import { readSetting, writeSetting } from '../../shell/settings.ts'
import type { Table } from './model/table.ts'

/** Which columns of a table are shown, remembered on this device; null goes back to those at first. */
export function useVisibility(table: Table): [VisibilityState, (next: VisibilityState | null) => void] {
  const [chosen, setChosen] = useState<Record<string, VisibilityState>>({})
  const set = (next: VisibilityState | null) => {
    const state = next ?? atFirst(table)
    setChosen({ ...chosen, [table.id]: state })
    writeSetting(setting(table), hiddenIn(state))
  }
  return [chosen[table.id] ?? kept(table), set]
}

const setting = (table: Table): string => `table.${table.id}.hidden`
const atFirst = (table: Table): VisibilityState => Object.fromEntries(table.columns.map((c) => [c.id, !c.extra]))

const hiddenIn = (state: VisibilityState): string =>
  Object.keys(state)
    .filter((id) => state[id] === false)
    .join(',')

function kept(table: Table): VisibilityState {
  const hidden = readSetting(setting(table))?.split(',')
  return hidden ? Object.fromEntries(table.columns.map((c) => [c.id, !hidden.includes(c.id)])) : atFirst(table)
}
