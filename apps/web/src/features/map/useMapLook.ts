import { useMemo } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { cssToken } from '../../theme/colours.ts'
import { useTheme } from '../../theme/theme.ts'
import type { MapWords } from './drawn.ts'
import { buildPalette, type Palette } from './palette.ts'

/** The colours of the theme and the words of the language, as the canvases need them. New objects on a change only. */
export function useMapLook(): { palette: Palette; words: MapWords } {
  const { resolved } = useTheme()
  const words = useMapWords()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tokens are read again when the theme changes
  const palette = useMemo(() => buildPalette(cssToken, fontsOf(document.body)), [resolved])
  return { palette, words }
}

function useMapWords(): MapWords {
  const t = useTranslations('map')
  const format = useFormatter()
  return useMemo(() => {
    const known = (key: string): key is FlagKey => FLAGS.some((f) => f === key)
    return {
      bay: {
        none: t('bay.none'),
        'hand-made': t('bay.hand-made'),
        processes: t('bay.processes'),
        system: t('bay.system'),
      },
      flag: (value) => (known(value) ? t(`flag.${value}`) : value),
      stack: {
        title: t('stack.title'),
        routes: t('stack.routes'),
        rules: t('stack.rules'),
        connections: t('stack.connections'),
      },
      staleSince: (since) => t('staleSince', { time: format.dateTime(since, { timeStyle: 'medium' }) }),
      sandbox: t('sandbox'),
      members: (count, what) => t('members', { count, what }),
      down: (count) => t('down', { count }),
      number: (value) => format.number(value, { notation: value >= 10_000 ? 'compact' : 'standard' }),
    }
  }, [t, format])
}

const FLAGS = [
  'internal',
  'promisc',
  'router',
  'no-icc',
  'stp',
  'loopback-down',
  'isolated',
  'hairpin',
  'system',
  'shared',
  'own-rules',
] as const
type FlagKey = (typeof FLAGS)[number]

/** The page's font families, resolved: they come through CSS variables that a canvas does not know. */
function fontsOf(body: HTMLElement): { sans: string; mono: string } {
  const probe = document.createElement('span')
  probe.className = 'font-mono'
  body.append(probe)
  const mono = getComputedStyle(probe).fontFamily
  probe.remove()
  return { sans: getComputedStyle(body).fontFamily, mono }
}
