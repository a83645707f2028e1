import { readFileSync } from 'node:fs'
import type { HostSnapshot } from '@hopscope/model'
import { deriveTopology, type Layout, type StickyLayout, type Topology } from '@hopscope/topology'
import type { DrawContext, MapWords } from './drawn.ts'
import { buildPalette, type Palette } from './palette.ts'
import { createPlacer } from './positions.ts'
import { buildScene, type Scene } from './scene.ts'

/** The palette of a theme as tokens.css has it. Throws on a token that the theme does not set. */
export function paletteOf(theme: 'light' | 'dark'): Palette {
  const css = readFileSync(new URL('../../app/tokens.css', import.meta.url), 'utf8')
  const block = theme === 'light' ? /:root \{([^}]*)\}/ : /\[data-theme="dark"\] \{([^}]*)\}/
  const body = block.exec(css)?.[1] ?? ''
  const tokens = new Map([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((m) => [m[1], m[2]]))
  return buildPalette(
    (name) => {
      const value = tokens.get(name)
      if (!value) throw new Error(`${theme} has no --${name}`)
      return value
    },
    { sans: 'sans-serif', mono: 'monospace' },
  )
}

export const words: MapWords = {
  bay: { none: 'No network', 'hand-made': 'By hand', processes: 'Processes', system: 'System' },
  flag: (value) => value,
  stack: { title: 'IP stack', routes: 'routes', rules: 'rules', connections: 'conntrack' },
  staleSince: (since) => `stale since ${since}`,
  sandbox: 'sandbox',
  members: (count, what) => `${count} ${what}`,
  down: (count) => `${count} down`,
  number: String,
}

/** Every letter six tenths of the font's size: close enough, and the same everywhere. */
export const context = (theme: 'light' | 'dark' = 'light'): DrawContext => ({
  palette: paletteOf(theme),
  words,
  measure: (text, font) => text.length * font.size * 0.6,
})

/** A scene of those hosts with everything open, and what it was made of. */
export function sceneOf(
  hosts: readonly HostSnapshot[],
  places?: StickyLayout,
): { scene: Scene; topology: Topology; layout: Layout; places: StickyLayout } {
  const topology = deriveTopology(hosts)
  const placer = createPlacer(places)
  const layout = placer.place(topology)
  return { scene: buildScene(topology, layout, new Map()), topology, layout, places: placer.places() }
}
