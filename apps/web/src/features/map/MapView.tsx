'use client'
import type { Layout, RecordRef } from '@hopscope/topology'
import { Network } from 'lucide-react'
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslations } from 'use-intl'
import { useSelection } from '../../shell/location.ts'
import { Waiting } from '../../shell/NoHosts.tsx'
import { readSetting, writeSetting } from '../../shell/settings.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { EmptyState, Skeleton, useToast } from '../../ui/index.ts'
import { useAsking } from '../changes/asking.ts'
import { useExpected } from '../changes/expecting.ts'
import { useShownWay } from '../packets/onMap.ts'
import { nameOf } from './boxContent.ts'
import { Controls } from './Controls.tsx'
import type { View } from './canvasPainter.ts'
import { LEVEL } from './drawn.ts'
import { download, type ExportFormat, exportMap } from './exportImage.ts'
import type { Filter } from './filters.ts'
import type { Point } from './geometry.ts'
import { GhostNote } from './ghosts/GhostNote.tsx'
import { useGhosts } from './ghosts/useGhosts.ts'
import { HiddenBanner } from './HiddenBanner.tsx'
import { Legend } from './Legend.tsx'
import { MapCanvas } from './MapCanvas.tsx'
import type { MapController } from './mapController.ts'
import { Minimap } from './minimap.tsx'
import { usePassing } from './passing/usePassing.ts'
import { usePlugging } from './plug/usePlugging.ts'
import { Rates } from './Rates.tsx'
import { createSeen, type Seen, type SeenStore } from './seen.ts'
import { useLoaded } from './useLoaded.ts'
import { useMapChoices } from './useMapChoices.ts'
import { useMapLook } from './useMapLook.ts'
import { useMapModel } from './useMapModel.ts'
import { useKeptPlaces, usePlacer } from './usePlacer.ts'
import { useShowOnMap } from './useShowOnMap.ts'
import { firstView, readView, type Size, showsAll, showsSomething, writeView } from './views.ts'
import { useDrawnWay } from './way/useDrawnWay.ts'

/** The map of all shown hosts, with everything that floats over it. */
export function MapView() {
  const t = useTranslations('map')
  const toast = useToast()
  const [selection, select] = useSelection()
  const choices = useMapChoices()
  const look = useMapLook()
  const kept = usePlacer()
  const { all } = useShownHosts()
  const isAwaited = !all.some((h) => h.snapshot)
  const placer = useLoaded() && !isAwaited ? kept : undefined
  const followed = useShownWay()
  const model = useMapModel({
    placer,
    folds: choices.folds,
    filters: choices.filters,
    selected: selection,
    way: followed,
  })
  const way = useDrawnWay(model, followed)
  const [map, setMap] = useState<MapController | null>(null)
  usePassing(map, model)
  const [seen] = useState(() => createSeen(({ view, size }) => writeSetting('map.view', writeView(view, size))))

  const begun = useExpected() === 'begun'
  const ghosts = useGhosts({ model, placer, filters: choices.filters })
  const { scene, topology, layout } = model
  useKeptPlaces(placer, layout)
  useShowOnMap({ map, nodeOf: model.nodeOf, selected: model.selectedNode })
  const onSelect = useCallback(
    (id: string | undefined) => {
      const ref: RecordRef | undefined = id === undefined ? undefined : scene.nodes.get(id)?.node.refs[0]
      void select(ref ?? null)
    },
    [scene, select],
  )
  const plugging = usePlugging(model)
  const { showMenu } = useAsking()
  const onMenu = (id: string, at: Point, opener: HTMLElement): void => {
    const node = scene.nodes.get(id)?.node
    // A host's own namespace is what its stack stands for.
    const stack =
      node?.kind === 'host' ? topology.nodes.find((n) => n.kind === 'stack' && n.hostId === node.hostId) : node
    const [main, ...others] = stack?.refs ?? []
    if (node && main) showMenu({ refs: [main, ...others], name: nameOf(node, look.words), at, opener })
  }
  const goTo = useRef<'all' | string>(undefined)
  const onOpen = (block: string): void => {
    const { node } = scene.nodes.get(block) ?? {}
    goTo.current = node?.rack ?? node?.parent
    choices.setOpen(block, true)
  }
  // What was opened moves to where there is room for it: go there, and tell where that is.
  useEffect(() => {
    const id = goTo.current
    if (!map || id === undefined) return
    goTo.current = undefined
    if (id === 'all') map.fit()
    else if (scene.nodes.has(id)) {
      map.focus(id)
      map.centreOn(id)
    }
  }, [map, scene])
  const near = useSeen(seen, (now) => now.view.zoom >= LEVEL.veths)
  const overview = useSeen(seen, (now) => isOverviewUseful(now, layout.bounds))
  const initialView = (size: Size): View => {
    const kept = readView(readSetting('map.view'), size)
    const view = kept && showsSomething(kept, layout.bounds, size) ? kept : firstView(topology, layout, size)
    seen.tell(view, size)
    return view
  }
  const save = async (format: ExportFormat): Promise<void> => {
    try {
      download(await exportMap(format, { scene, topology, ...look, title: t('label') }), `hopscope-map.${format}`)
    } catch (e) {
      toast(t('export.failed', { reason: e instanceof Error ? e.message : String(e) }), { bad: true })
    }
  }
  if (placer && model.whole.nodes.length === 0) return <EmptyState icon={Network} title={t('nothing')} />
  return (
    <div className="absolute inset-0">
      {!placer && (isAwaited ? <Waiting count={all.length} /> : <Skeleton className="absolute inset-4" />)}
      <MapCanvas
        onReady={setMap}
        scene={placer && scene}
        topology={topology}
        palette={look.palette}
        words={look.words}
        selected={model.selectedNode}
        ghosts={ghosts}
        begun={begun}
        way={way}
        initialView={initialView}
        onSelect={onSelect}
        onMenu={onMenu}
        plugging={plugging}
        onOpen={onOpen}
        onView={seen.tell}
      />
      {placer && (
        <>
          {choices.legend && <Legend palette={look.palette} />}
          {choices.minimap && overview && (
            <div className="absolute right-3 bottom-3">
              <Minimap
                scene={scene}
                palette={look.palette}
                seen={seen}
                label={t('minimap')}
                onMove={(at) => {
                  const now = seen.now()
                  if (now) map?.setView(around(at, now))
                }}
              />
            </div>
          )}
          <Controls
            filters={choices.filters}
            onFilter={(filter: Filter, on) => choices.setFilter(filter, on)}
            onFold={(folding) => {
              goTo.current = 'all'
              choices.fold(folding)
            }}
            onExport={(format) => void save(format)}
            onZoom={(factor) => map?.zoomBy(factor)}
            onFit={() => map?.fit()}
            legend={choices.legend}
            onLegend={choices.setLegend}
            minimap={choices.minimap}
            onMinimap={choices.setMinimap}
          />
          {ghosts && <GhostNote ghosts={ghosts} />}
          {model.hidden > 0 && <HiddenBanner count={model.hidden} onShowAll={choices.showAll} />}
          {near && map && <Rates onRates={map.setRates} />}
        </>
      )}
    </div>
  )
}

/** What is true of the view now; drawn anew only when that changes. */
const useSeen = (seen: SeenStore, is: (now: Seen) => boolean): boolean => {
  const read = (): boolean => {
    const now = seen.now()
    return now !== undefined && is(now)
  }
  return useSyncExternalStore(seen.subscribe, read, read)
}

/** An overview of what is all on the screen would only cover it; a narrow screen has no room for one. */
function isOverviewUseful({ view, size }: Seen, bounds: Layout['bounds']): boolean {
  return size.w >= 640 && !showsAll(view, bounds, size)
}

/** The view with the model point in the middle, at the same zoom. */
function around(at: { x: number; y: number }, { view, size }: Seen): View {
  return { zoom: view.zoom, pan: { x: size.w / 2 - at.x * view.zoom, y: size.h / 2 - at.y * view.zoom } }
}
