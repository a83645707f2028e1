import { Columns3, Download } from 'lucide-react'
import type { RefObject } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton, Menu, MenuCheck, MenuItem, MenuSeparator, SearchField } from '../../ui/index.ts'
import type { ExportFormat } from './exportTable.ts'
import type { TableState } from './useTable.ts'

type Props = { table: TableState; input: RefObject<HTMLInputElement | null>; onExport: (format: ExportFormat) => void }

/** Filter, columns and export. */
export function Toolbar({ table, input, onExport }: Props) {
  const t = useTranslations('tables')
  return (
    <>
      <SearchField
        label={t('filter.label')}
        placeholder={t('filter.placeholder')}
        clear={t('filter.clear')}
        value={table.query}
        onChange={table.setQuery}
        input={input}
        className="flex-1 md:max-w-80"
      />
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
