import type { Topology } from '@hopscope/topology'
import { Cable } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { cn } from '../../ui/index.ts'
import { nameOf } from './boxContent.ts'
import type { View } from './canvasPainter.ts'
import { createMap } from './controller.ts'
import type { MapWords } from './drawn.ts'
import type { Point } from './geometry.ts'
import type { Ghosts } from './ghosts/ghosts.ts'
import type { MapCallbacks, MapController } from './mapController.ts'
import type { Palette } from './palette.ts'
import type { Scene } from './scene.ts'
import { exposeForTests } from './testHook.ts'
import type { Size } from './views.ts'
import type { ShownWay } from './way/wayLine.ts'

type Props = {
  /** Undefined while that is still coming: the drawing is made ready meanwhile, which takes a while. */
  scene: Scene | undefined
  topology: Topology
  palette: Palette
  words: MapWords
  selected: string | undefined
  /** What the change that is being prepared would make of it. */
  ghosts: Ghosts | undefined
  /** That change is being made, or was, and its dialog is still open. */
  begun: boolean
  /** The way of a packet that is followed. */
  way: ShownWay | undefined
  /** Where to look at first, once there is something to look at. */
  initialView: (size: Size) => View
  onSelect: (id: string | undefined) => void
  onOpen: (id: string) => void
  /** The menu of a node is asked for, at a point in client pixels. */
  onMenu: (id: string, at: Point, opener: HTMLElement) => void
  plugging: Pick<MapCallbacks, 'canPlug' | 'plugging' | 'onPlug'>
  onView: (view: View, size: Size) => void
  /** The drawing began, or ended (null). */
  onReady: (map: MapController | null) => void
}

/** The drawing as a component: it takes the focus, reads out what the keyboard is at, and follows its props. */
export function MapCanvas(props: Props) {
  const { scene, topology, palette, words, selected, ghosts, begun, way } = props
  const t = useTranslations('map')
  const container = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const passing = useRef<HTMLCanvasElement>(null)
  const handle = useRef<HTMLDivElement>(null)
  const tip = useRef<HTMLParagraphElement>(null)
  const latest = useRef(props)
  latest.current = props
  const [map, setMap] = useState<MapController | null>(null)
  const [focused, setFocused] = useState<string>()

  useEffect(() => {
    if (!container.current || !canvas.current || !passing.current || !handle.current || !tip.current) return
    const opener = container.current
    const now = latest.current
    const made = createMap({
      container: container.current,
      canvas: canvas.current,
      passing: passing.current,
      palette: now.palette,
      words: now.words,
      drag: { handle: handle.current, tip: tip.current },
      callbacks: {
        onSelect: (id) => latest.current.onSelect(id),
        onOpen: (id) => latest.current.onOpen(id),
        onMenu: (id, at) => latest.current.onMenu(id, at, opener),
        canPlug: (id) => latest.current.plugging.canPlug(id),
        plugging: (id) => latest.current.plugging.plugging(id),
        onPlug: (id, target) => latest.current.plugging.onPlug(id, target),
        onFocus: setFocused,
        onView: (view) => latest.current.onView(view, made.size()),
      },
    })
    const watch = new ResizeObserver(() => made.resize())
    watch.observe(container.current)
    const hide = exposeForTests(made)
    setMap(made)
    now.onReady(made)
    return () => {
      hide()
      watch.disconnect()
      setMap(null)
      latest.current.onReady(null)
      made.destroy()
    }
  }, [])

  useEffect(() => {
    if (!map) return
    const look = (): void => map.setLook(palette, words)
    look()
    // A canvas does not wait for fonts, and what was measured before one had come would stay wrong.
    document.fonts.addEventListener('loadingdone', look)
    for (const family of [palette.sans, palette.mono]) {
      document.fonts.load(`500 12px ${family}`).catch((e) => console.info('A font of the map did not come:', e))
    }
    return () => document.fonts.removeEventListener('loadingdone', look)
  }, [map, palette, words])
  useEffect(() => {
    if (!map || !scene) return
    const begins = map.scene() === undefined
    map.show(scene, topology)
    if (begins) map.setView(latest.current.initialView(map.size()))
  }, [map, scene, topology])
  useEffect(() => map?.select(selected), [map, selected])
  useEffect(() => map?.setGhosts(ghosts, begun), [map, ghosts, begun])
  useEffect(() => map?.setWay(way), [map, way])

  return (
    <div data-testid="map" className={cn('absolute inset-0 overflow-hidden bg-ground', !scene && 'invisible')}>
      {/* Found by its id, it keeps cytoscape from adding a style element, which the content security policy forbids. */}
      <span id="__________cytoscape_stylesheet" hidden />
      <div
        ref={container}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is interactive, see keyboard.ts
        tabIndex={0}
        aria-label={t('label')}
        aria-describedby="map-help"
        className="absolute inset-0 -outline-offset-2"
      />
      <canvas ref={canvas} aria-hidden className="pointer-events-none absolute inset-0 size-full" />
      <canvas
        ref={passing}
        hidden
        aria-hidden
        className="pointer-events-none absolute inset-0 size-full [&[hidden]]:hidden"
      />
      <div
        ref={handle}
        hidden
        aria-hidden
        data-testid="plug"
        title={t('plug')}
        className="absolute -top-3 -left-3 z-1 flex size-6 cursor-grab touch-none items-center justify-center rounded-full border border-focus bg-raised text-focus shadow-2 hover:bg-focus hover:text-raised active:cursor-grabbing [&[hidden]]:hidden"
      >
        <Cable size={13} aria-hidden />
      </div>
      <p
        ref={tip}
        hidden
        role="status"
        className="pointer-events-none absolute top-0 left-0 z-2 max-w-72 rounded-md border border-border bg-raised px-2.5 py-1.5 text-sm shadow-3 data-[verdict=no]:border-danger data-[verdict=no]:text-danger data-[verdict=yes]:border-focus data-[verdict=none]:text-soft"
      />
      <p id="map-help" className="sr-only">
        {t('help')}
      </p>
      <p aria-live="polite" className="sr-only">
        <Spoken scene={scene} id={focused} words={words} />
      </p>
    </div>
  )
}

/** One sentence on the object that the keyboard is at. */
function Spoken({ scene, id, words }: { scene: Scene | undefined; id: string | undefined; words: MapWords }) {
  const t = useTranslations('map')
  const k = useTranslations('kinds')
  const node = id === undefined ? undefined : scene?.nodes.get(id)?.node
  if (!node) return null
  const home = node.parent === undefined ? undefined : scene?.nodes.get(node.parent)?.node
  return t('describe', {
    kind: k(`node.${node.kind}`),
    name: nameOf(node, words),
    home: home?.kind === 'box' ? home.label : 'none',
    detail: node.detail ?? 'none',
    state: k(`state.${node.state}`),
  })
}
