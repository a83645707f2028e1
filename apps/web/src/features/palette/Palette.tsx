import { type SearchHit, type SearchIndex, searchAll } from '@hopscope/topology'
import { Command } from 'cmdk'
import {
  Keyboard,
  Languages,
  LogOut,
  type LucideIcon,
  Route,
  Search,
  Settings,
  SquareStack,
  SunMoon,
} from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { LOCALES } from '../../i18n/locale.ts'
import { useView, VIEWS } from '../../shell/location.ts'
import { useShowOnMap } from '../../shell/mapFocus.ts'
import { useSession } from '../../shell/session.ts'
import { useChoices } from '../../shell/useChoices.ts'
import { useHosts, useTopology } from '../../stream/hooks.ts'
import { THEMES } from '../../theme/theme.ts'
import { Kbd } from '../../ui/index.ts'
import { useFocusBack } from '../../ui/useFocusBack.ts'
import { useSettled } from '../../ui/useSettled.ts'
import { useFollow } from '../packets/useFollow.ts'
import { AskedLines, askedKey } from './AskedLines.tsx'
import { Found } from './Found.tsx'
import { Item } from './Item.tsx'
import { useOpenTable } from './openTable.ts'
import { useAsked } from './useAsked.ts'
import { useSearchIndex } from './useSearchIndex.ts'

type Props = {
  open: boolean
  onOpenChange: (open: boolean) => void
  onSettings: () => void
  onShortcuts: () => void
}

/** Ctrl-K: finds any object by what a person knows of it, and runs what the menus can. */
export function Palette({ open, onOpenChange, onSettings, onShortcuts }: Props) {
  const t = useTranslations('palette')
  const focus = useFocusBack()
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fade fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={focus.onOpen}
          onCloseAutoFocus={focus.onClose}
          className="rise fixed inset-x-0 top-0 z-40 mx-auto flex max-h-[100dvh] w-full flex-col overflow-hidden border border-border bg-raised shadow-3 sm:top-[12dvh] sm:max-h-[70dvh] sm:w-[calc(100%-32px)] sm:max-w-160 sm:rounded-xl"
        >
          <Radix.Title className="sr-only">{t('label')}</Radix.Title>
          <Content close={() => onOpenChange(false)} onSettings={onSettings} onShortcuts={onShortcuts} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

type ContentProps = { close: () => void; onSettings: () => void; onShortcuts: () => void }

function Content({ close, onSettings, onShortcuts }: ContentProps) {
  const t = useTranslations('palette')
  const [query, setQuery] = useState('')
  const topology = useTopology()
  const index = useSearchIndex(useHosts(), topology)
  const settled = useSettled(query)
  const searched = index ? settled : ''
  const hits = useMemo(() => searchAll(index ?? NOTHING, searched, 40), [index, searched])
  const nodes = useMemo(() => new Map(topology.nodes.map((n) => [n.id, n])), [topology])
  const showOnMap = useShowOnMap()
  const openTable = useOpenTable()
  const commands = useCommands({ onSettings, onShortcuts })
  const shown = commands.filter((c) => c.label.toLowerCase().includes(query.trim().toLowerCase()))
  const asked = useAsked(searched)
  const follow = useFollow()
  const questions = asked ? [asked.typed, ...asked.others] : []
  const lines = new Map<string, () => void>([
    ...questions.map((typed) => [askedKey(typed), () => follow(typed, asked?.hostId)] as const),
    ...hits.map((hit) => [keyOf(hit), () => (hit.onMap ? showOnMap : openTable)(hit.ref)] as const),
    ...shown.map(({ label, act }) => [commandKey(label), act] as const),
  ])
  const choose = (line: string) => {
    close()
    lines.get(line)?.()
  }
  const { selected, setSelected, onKeyDown } = useSelected({ query, searched, lines: [...lines.keys()], choose })
  return (
    <Command
      label={t('label')}
      shouldFilter={false}
      loop
      value={selected}
      onValueChange={setSelected}
      onKeyDown={onKeyDown}
      className="flex min-h-0 flex-1 flex-col"
    >
      <div className="flex h-12 shrink-0 items-center gap-3 border-border border-b px-4">
        <Search size={16} aria-hidden className="shrink-0 text-faint" />
        <Command.Input
          value={query}
          onValueChange={setQuery}
          placeholder={t('placeholder')}
          className="h-full min-w-0 flex-1 bg-transparent text-md outline-none placeholder:text-faint"
        />
        <Kbd>Esc</Kbd>
      </div>
      <Command.List className="min-h-0 flex-1 overflow-y-auto p-2 sm:h-100 sm:flex-none">
        {/* Nothing can be said yet while it is still gathered what there is. */}
        {index && (
          <Command.Empty className="flex flex-col items-center gap-1 px-4 py-12 text-center">
            <span className="font-medium">{t('none', { query })}</span>
            <span className="text-faint">{t('noneHint')}</span>
          </Command.Empty>
        )}
        {asked && (
          <Group heading={t('packet')}>
            <AskedLines asked={asked} onSelect={choose} />
          </Group>
        )}
        {hits.length > 0 && (
          <Group heading={t('results')}>
            {hits.map((hit) => (
              <Found
                key={keyOf(hit)}
                id={keyOf(hit)}
                hit={hit}
                node={nodes.get(hit.nodeId ?? '')}
                query={searched}
                onSelect={choose}
              />
            ))}
          </Group>
        )}
        {shown.length > 0 && (
          <Group heading={t('commands')}>
            {shown.map(({ label, icon: Icon, keys }) => (
              <Item key={label} value={commandKey(label)} onSelect={choose}>
                <Icon size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-faint" />
                <span className="flex-1">{label}</span>
                {keys && <Kbd>{keys}</Kbd>}
              </Item>
            ))}
          </Group>
        )}
      </Command.List>
    </Command>
  )
}

type Selection = {
  query: string
  /** What the lines shown were found for; a moment behind what is typed. */
  searched: string
  lines: readonly string[]
  choose: (line: string) => void
}

/** The first line until another one is gone to. Enter that is faster than the search waits for it. */
function useSelected({ query, searched, lines, choose }: Selection) {
  const [gone, goTo] = useState({ searched: '', line: '' })
  const [entered, setEntered] = useState<string>()
  const first = lines[0] ?? ''
  useEffect(() => {
    if (entered === undefined || entered !== searched) return
    setEntered(undefined)
    if (entered === query && first !== '') choose(first)
  }, [entered, searched, query, first, choose])
  return {
    selected: gone.searched === searched && lines.includes(gone.line) ? gone.line : first,
    setSelected: (line: string) => goTo({ searched, line }),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || event.nativeEvent.isComposing || query === searched) return
      event.preventDefault()
      setEntered(query)
    },
  }
}

const commandKey = (label: string): string => `command ${label}`
const keyOf = ({ ref }: SearchHit): string => `${ref.hostId} ${ref.kind} ${ref.id}`

const NOTHING: SearchIndex = []

type Action = { label: string; icon: LucideIcon; act: () => void; keys?: string }

function useCommands({ onSettings, onShortcuts }: Omit<ContentProps, 'close'>): Action[] {
  const t = useTranslations('palette')
  const shell = useTranslations('shell')
  const [, setView] = useView()
  const { chooseLocale, chooseTheme } = useChoices()
  const session = useSession()
  const packets = useTranslations('packets')
  const follow = useFollow()
  return [
    ...VIEWS.map((v, i) => ({
      label: t('view', { view: shell(`view.${v}`) }),
      icon: SquareStack,
      act: () => void setView(v),
      keys: String(i + 1),
    })),
    { label: packets('menu'), icon: Route, act: () => follow(), keys: '5' },
    ...THEMES.map((theme) => ({
      label: t('theme', { theme: shell(`theme.${theme}`) }),
      icon: SunMoon,
      act: () => chooseTheme(theme),
    })),
    ...LOCALES.map((l) => ({
      label: t('language', { language: shell(`language.${l}`) }),
      icon: Languages,
      act: () => chooseLocale(l),
    })),
    { label: t('settings'), icon: Settings, act: onSettings },
    { label: t('shortcuts'), icon: Keyboard, act: onShortcuts, keys: '?' },
    ...(session ? [{ label: t('logout'), icon: LogOut, act: session.end }] : []),
  ]
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-faint [&_[cmdk-group-heading]]:text-xs"
    >
      {children}
    </Command.Group>
  )
}
