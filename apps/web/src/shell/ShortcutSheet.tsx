import { useTranslations } from 'use-intl'
import { Dialog, Kbd } from '../ui/index.ts'

type Props = { open: boolean; onOpenChange: (open: boolean) => void }

/** All keys on one sheet. */
export function ShortcutSheet({ open, onOpenChange }: Props) {
  const t = useTranslations('shell')
  const groups = [
    {
      title: t('shortcuts.general'),
      keys: [
        [['Ctrl', 'K'], t('shortcuts.palette')],
        [['1'], t('shortcuts.map')],
        [['2'], t('shortcuts.tables')],
        [['3'], t('shortcuts.tree')],
        [['4'], t('shortcuts.history')],
        [['5'], t('shortcuts.packets')],
        [['Shift', 'Enter'], t('shortcuts.actions')],
        [['Esc'], t('shortcuts.closeInspector')],
        [['?'], t('shortcuts.sheet')],
      ],
    },
    {
      title: t('shortcuts.treeTitle'),
      keys: [
        [['↑', '↓'], t('shortcuts.treeMove')],
        [['→'], t('shortcuts.treeOpen')],
        [['←'], t('shortcuts.treeClose')],
        [['Home', 'End'], t('shortcuts.treeEnds')],
        [['Enter'], t('shortcuts.treeInspect')],
        [['M'], t('shortcuts.treeMap')],
        [['O'], t('shortcuts.treeOther')],
        [[t('shortcuts.typeKeys')], t('shortcuts.treeType')],
      ],
    },
    {
      title: t('shortcuts.packetsTitle'),
      keys: [
        [['↓', '↑', 'J', 'K'], t('shortcuts.packetsStep')],
        [['Home', 'End'], t('shortcuts.packetsEnds')],
      ],
    },
    {
      title: t('shortcuts.timelineTitle'),
      keys: [
        [['→', '←'], t('shortcuts.timelineMove')],
        [['Shift', '→', '←'], t('shortcuts.timelineGrow')],
        [['Home', 'End'], t('shortcuts.timelineEnds')],
        [['Enter'], t('shortcuts.timelineGo')],
        [['Esc'], t('shortcuts.timelineClear')],
      ],
    },
  ] satisfies { title: string; keys: [string[], string][] }[]
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('shortcuts.title')}>
      <div className="grid gap-x-8 gap-y-6 p-5 sm:grid-cols-2">
        {groups.map((g) => (
          <section key={g.title}>
            <h3 className="mb-2 font-medium text-faint text-sm">{g.title}</h3>
            <dl className="flex flex-col">
              {g.keys.map(([keys, what]) => (
                <div key={what} className="flex h-8 items-center justify-between gap-4">
                  <dt>{what}</dt>
                  <dd className="flex gap-1">
                    {keys.map((k) => (
                      <Kbd key={k}>{k}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
