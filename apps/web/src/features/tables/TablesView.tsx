import { type ReactNode, useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { KeyHints, useSlash } from '../../ui/index.ts'
import { exportTable } from './exportTable.ts'
import { Grid } from './Grid.tsx'
import { TABLES, tableById } from './model/catalogue.ts'
import type { Scope } from './model/scope.ts'
import type { Table, TableId } from './model/table.ts'
import { useTableLocation } from './model/url.ts'
import { Nothing } from './Nothing.tsx'
import { ShownLine } from './ShownLine.tsx'
import { Sidebar, TableSelect } from './Sidebar.tsx'
import { Toolbar } from './Toolbar.tsx'
import { useSampledScopes, useScopes } from './useScopes.ts'
import { useTable } from './useTable.ts'

/** Every kind of record as a table of its own. */
export function TablesView() {
  const scopes = useScopes()
  const [{ table }, setLocation] = useTableLocation()
  const counts = useMemo(
    () => new Map<TableId, number>(TABLES.map((t) => [t.id, scopes.reduce((n, s) => n + t.count(s), 0)])),
    [scopes],
  )
  // Filter and order speak of columns: those of another table may mean nothing there.
  const choose = (id: TableId) => void setLocation({ table: id, q: null, sort: null })
  return (
    <div className="flex h-full min-w-0 bg-surface">
      <Sidebar current={table} counts={counts} onChoose={choose} />
      <OneTable
        key={table}
        kind={tableById(table)}
        scopes={scopes}
        select={<TableSelect current={table} counts={counts} onChoose={choose} />}
      />
    </div>
  )
}

function OneTable({ kind, scopes, select }: { kind: Table; scopes: Scope[]; select: ReactNode }) {
  const t = useTranslations('tables')
  const sampled = useSampledScopes(scopes, kind)
  const table = useTable(kind, sampled)
  const input = useSlash()
  const name = t(`table.${kind.id}`)
  return (
    <section aria-label={name} className="flex min-w-0 flex-1 flex-col">
      <header className="flex shrink-0 flex-wrap items-center gap-2 border-border border-b bg-surface px-3 py-2">
        {select}
        <h1 className="mr-auto truncate font-semibold text-md max-md:sr-only">{name}</h1>
        <span className="flex min-w-0 items-center gap-1 max-md:w-full md:flex-1 md:justify-end">
          <Toolbar table={table} input={input} onExport={(format) => exportTable(format, kind.id, table)} />
        </span>
      </header>
      {table.rows.length > 0 && <ShownLine table={table} />}
      {table.rows.length > 0 ? <Grid table={table} label={name} /> : <Nothing kind={kind} table={table} />}
      <Hints />
    </section>
  )
}

function Hints() {
  const t = useTranslations('tables')
  const hints = [
    ['↑ ↓', t('hint.move')],
    ['Enter', t('hint.inspect')],
    ['Shift Enter', t('hint.actions')],
    ['M', t('hint.map')],
    ['/', t('hint.filter')],
  ] as const
  return <KeyHints hints={hints} className="max-md:hidden" />
}
