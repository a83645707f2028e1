import type { Topology } from '@hopscope/topology'
import type { Core } from 'cytoscape'
import type { View } from './canvasPainter.ts'
import type { MapWords } from './drawn.ts'
import type { Point } from './geometry.ts'
import type { Ghosts } from './ghosts/ghosts.ts'
import type { Palette } from './palette.ts'
import type { PassingPacket } from './passing/passing.ts'
import type { PassingLayer } from './passing/passingLayer.ts'
import type { Plugging, Pull } from './plug/pull.ts'
import type { RateTexts } from './rates.ts'
import type { Scene } from './scene.ts'
import type { Size } from './views.ts'
import type { ShownWay } from './way/wayLine.ts'

export type MapCallbacks = {
  onSelect: (id: string | undefined) => void
  /** A block was clicked, or Enter pressed at it: it shall open. */
  onOpen: (id: string) => void
  /** The menu of an object is asked for, at a point in client pixels. */
  onMenu: (id: string, at: Point) => void
  /** Whether a node can be dragged onto a bridge at all. Cheap. */
  canPlug: (id: string) => boolean
  /** Onto what it can be, and why not onto the others. */
  plugging: (id: string) => Plugging | undefined
  /** It was dropped where it can be plugged in. */
  onPlug: (id: string, target: string) => void
  onFocus: (id: string | undefined) => void
  onView: (view: View) => void
}

/** The drawing and everything that can be done to it without React. */
export type MapController = {
  cy: Core
  /** Draws the scene, which is of that topology. */
  show: (scene: Scene, topology: Topology) => void
  select: (id: string | undefined) => void
  hover: (id: string | undefined) => void
  focus: (id: string | undefined) => void
  focused: () => string | undefined
  selected: () => string | undefined
  /** Shows what a change would make of the map, and moves the view when that would be out of sight; `begun`: it is being made. */
  setGhosts: (ghosts: Ghosts | undefined, begun: boolean) => void
  ghosts: () => Ghosts | undefined
  /** Draws the way of a packet over the map, and brings into sight the hop that is looked at, or a way that is new. */
  setWay: (way: ShownWay | undefined) => void
  way: () => ShownWay | undefined
  /** How far along its line the dot is, in model pixels. */
  dot: () => number | undefined
  /** Lets packets run along their ways as dots; how many were left out, because as many as may are running. */
  pass: (packets: readonly PassingPacket[]) => number
  passing: PassingLayer['counts']
  /** A cable that is being pulled from a node. */
  setPull: (pull: Pull | undefined) => void
  pull: () => Pull | undefined
  setRates: (rates: RateTexts) => void
  setLook: (palette: Palette, words: MapWords) => void
  scene: () => Scene | undefined
  size: () => Size
  view: () => View
  setView: (view: View, options?: { animate: boolean }) => void
  fit: () => void
  zoomBy: (factor: number, around?: { x: number; y: number }) => void
  /** Brings a node into the middle; with `close`, near enough to read it. */
  centreOn: (id: string, options?: { close: boolean }) => void
  /** Brings nodes into sight together, near enough to read them if that is possible. */
  showAll: (ids: Iterable<string>) => void
  /** Pans just as far as needed for a node to be seen. */
  reveal: (id: string) => void
  isIdle: () => boolean
  /** How many frames were painted since the map began. */
  frames: () => number
  resize: () => void
  destroy: () => void
}
