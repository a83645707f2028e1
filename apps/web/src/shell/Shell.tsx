import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { type Asking, AskingContext } from '../features/changes/asking.ts'
import { ChangeDialog } from '../features/changes/ChangeDialog.tsx'
import type { Draft } from '../features/changes/model/draft.ts'
import { ObjectMenu } from '../features/changes/ObjectMenu.tsx'
import type { ObjectMenuRequest } from '../features/changes/objectMenus.ts'
import { UnconfirmedBanner } from '../features/changes/UnconfirmedBanner.tsx'
import { HistoryView } from '../features/history/HistoryView.tsx'
import { MapView } from '../features/map/MapView.tsx'
import { askForPlaces } from '../features/map/usePlacer.ts'
import { useFollow } from '../features/packets/useFollow.ts'
import { Palette } from '../features/palette/Palette.tsx'
import { SettingsDialog } from '../features/settings/SettingsDialog.tsx'
import { NoContainers } from '../features/sources/NoContainers.tsx'
import { SourcesBanner } from '../features/sources/SourcesBanner.tsx'
import { TablesView } from '../features/tables/TablesView.tsx'
import { TreeView } from '../features/tree/TreeView.tsx'
import { cn, SplitPane } from '../ui/index.ts'
import { Banners } from './Banners.tsx'
import { Crash } from './Crash.tsx'
import { Header } from './Header.tsx'
import { useView, type View } from './location.ts'
import { NoHosts, Waiting } from './NoHosts.tsx'
import { ShortcutSheet } from './ShortcutSheet.tsx'
import { SidePane, usePanes } from './SidePane.tsx'
import { useShortcuts } from './useShortcuts.ts'
import { useShownHosts } from './useShownHosts.ts'
import { useWide } from './useWide.ts'
import { ViewTabs } from './ViewTabs.tsx'

/** A command that is being given; `serial` tells one from the next, which may be asked for while it is open. */
type Asked = { draft: Draft; hostId: string | undefined; serial: number }
type Open = 'palette' | 'settings' | 'shortcuts' | Asked | null
const isAsked = (open: Open): open is Asked => open !== null && typeof open === 'object'

/** The page of somebody who is signed in. */
export function Shell() {
  const t = useTranslations('shell')
  const wide = useWide()
  const panes = usePanes()
  const beside = wide && panes.length > 0
  useTitle()
  const [open, setOpen] = useState<Open>(null)
  const [menu, setMenu] = useState<{ menu: ObjectMenuRequest; serial: number } | null>(null)
  const serial = useRef(0)
  const asking = useMemo<Asking>(
    () => ({
      ask: (draft, hostId) => setOpen({ draft, hostId, serial: serial.current++ }),
      showMenu: (menu) => setMenu({ menu, serial: serial.current++ }),
    }),
    [],
  )
  useEffect(askForPlaces, [])
  const follow = useFollow()
  useShortcuts({
    onPalette: () => setOpen('palette'),
    onSheet: () => setOpen('shortcuts'),
    onPackets: follow,
    blocked: open !== null,
  })
  return (
    <AskingContext.Provider value={asking}>
      <div className="flex h-dvh flex-col">
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-primary focus:px-3 focus:py-2 focus:text-on-primary"
        >
          {t('skip')}
        </a>
        <Header
          onSearch={() => setOpen('palette')}
          onSettings={() => setOpen('settings')}
          onShortcuts={() => setOpen('shortcuts')}
        />
        <Banners />
        <UnconfirmedBanner />
        <SourcesBanner />
        <NoContainers />
        <div
          className={cn(
            'flex min-h-0 flex-1',
            // The form of a command stands at the right: what it is about makes room for it, and stays in use.
            isAsked(open) && (beside ? '[&_aside]:min-w-104' : 'md:pr-104'),
          )}
        >
          <SplitPane
            name="inspector"
            label={t('inspector.resize')}
            sideLabel={t(`beside.${panes[0] ?? 'details'}`)}
            initial={400}
            min={300}
            max={720}
            main={
              <main id="main" tabIndex={-1} className="absolute inset-0 outline-none">
                <Heading />
                <MainView />
              </main>
            }
            side={beside ? <SidePane panes={panes} /> : null}
          />
        </div>
        {!wide && <SidePane panes={panes} sheet />}
        <footer className="shrink-0 border-border border-t bg-surface md:hidden">
          <ViewTabs bar />
        </footer>
        <Dialogs open={open} setOpen={setOpen} />
        {menu && (
          <ObjectMenu
            key={menu.serial}
            menu={menu.menu}
            // Another one may be open by now.
            onClose={() => setMenu((now) => (now === menu ? null : now))}
          />
        )}
      </div>
    </AskingContext.Provider>
  )
}

function Heading() {
  const t = useTranslations('shell')
  const [view] = useView()
  return <h1 className="sr-only">{t(`view.${view}`)}</h1>
}

/** Which view it is, also in the browser's tab and history. */
function useTitle(): void {
  const t = useTranslations('shell')
  const [view] = useView()
  useEffect(() => {
    document.title = t('title', { view: t(`view.${view}`) })
  }, [t, view])
}

function Dialogs({ open, setOpen }: { open: Open; setOpen: (open: Open) => void }) {
  const close = (isOpen: boolean) => isOpen || setOpen(null)
  return (
    <>
      <Palette
        open={open === 'palette'}
        onOpenChange={close}
        onSettings={() => setOpen('settings')}
        onShortcuts={() => setOpen('shortcuts')}
      />
      <SettingsDialog open={open === 'settings'} onOpenChange={close} />
      <ShortcutSheet open={open === 'shortcuts'} onOpenChange={close} />
      {isAsked(open) && (
        <ChangeDialog key={open.serial} draft={open.draft} hostId={open.hostId} onClose={() => setOpen(null)} />
      )}
    </>
  )
}

function MainView() {
  const [view] = useView()
  const { all } = useShownHosts()
  // What was changed on hosts that are gone can be seen without any.
  if (view === 'history') return <Crash key={view}>{content(view)}</Crash>
  if (all.length === 0) return <NoHosts />
  // The map says so itself, and gets ready meanwhile.
  if (view !== 'map' && !all.some((h) => h.snapshot)) return <Waiting count={all.length} />
  return <Crash key={view}>{content(view)}</Crash>
}

function content(view: View) {
  switch (view) {
    case 'map':
      return <MapView />
    case 'tables':
      return <TablesView />
    case 'tree':
      return <TreeView />
    case 'history':
      return <HistoryView />
  }
}
