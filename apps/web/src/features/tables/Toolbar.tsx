import { Columns3, Download, Search, X } from 'lucide-react'
import { type RefObject, useId } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton, Kbd, Menu, MenuCheck, MenuItem, MenuSeparator } from '../../ui/index.ts'
import type { ExportFormat } from './exportTable.ts'
import type { TableState } from './useTable.ts'

type Props = { table: TableState; input: RefObject<HTMLInputElement | null>; onExport: (format: ExportFormat) => void }

/** Filter, columns and export. */
export function Toolbar({ table, input, onExport }: Props) {
  const t = useTranslations('tables')
  return (
    <>
      <Filter table={table} input={input} />
      <Menu trigger={<IconButton icon={Columns3} label={t('columns.menu')} />}>
        {table.shapes.slice(1).map((c) => (
          <MenuCheck
            key={c.id}
            checked={table.columnVisibility[c.id] !== false}
            onChange={(on) => table.setVisibility({ ...table.columnVisibility, [c.id]: on })}
          >
            {c.label}
          </MenuCheck>
        ))}
        <MenuSeparator />
        <MenuItem onSelect={() => table.setVisibility(null)}>{t('columns.reset')}</MenuItem>
      </Menu>
      <Menu trigger={<IconButton icon={Download} label={t('export.menu')} disabled={table.rows.length === 0} />}>
        <MenuItem onSelect={() => onExport('csv')}>{t('export.csv')}</MenuItem>
        <MenuItem onSelect={() => onExport('json')}>{t('export.json')}</MenuItem>
      </Menu>
    </>
  )
}

function Filter({ table, input }: Pick<Props, 'table' | 'input'>) {
  const t = useTranslations('tables')
  const id = useId()
  return (
    <search className="relative min-w-0 flex-1 md:max-w-80">
      <label htmlFor={id} className="sr-only">
        {t('filter.label')}
      </label>
      <Search
        size={14}
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-faint"
      />
      <input
        id={id}
        ref={input}
        value={table.query}
        onChange={(e) => table.setQuery(e.target.value)}
        onKeyDown={(e) => {
          if (e.key !== 'Escape') return
          e.preventDefault()
          if (table.query) table.setQuery('')
          else e.currentTarget.blur()
        }}
        placeholder={t('filter.placeholder')}
        autoComplete="off"
        spellCheck={false}
        className="h-8 w-full rounded-md border border-border-strong bg-surface pr-8 pl-8 placeholder:text-faint focus-visible:outline-offset-0"
      />
      <span className="absolute inset-y-0 right-1 flex items-center">
        {table.query ? (
          <IconButton
            icon={X}
            label={t('filter.clear')}
            small
            silent
            className="size-6"
            onClick={() => table.setQuery('')}
          />
        ) : (
          <span aria-hidden className="mr-1 max-md:hidden">
            <Kbd>/</Kbd>
          </span>
        )}
      </span>
    </search>
  )
}
