import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { HUES } from './colours.ts'

const css = readFileSync(new URL('../app/tokens.css', import.meta.url), 'utf8')
const block = (selector: string) =>
  css.slice(css.indexOf(`${selector} {`), css.indexOf('\n}', css.indexOf(`${selector} {`)))
const tokens = (text: string) =>
  new Map([...text.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1] ?? '', m[2] ?? '']))

/** Relative luminance as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

const pairs: [string, string][] = [
  ...['text', 'text-soft', 'text-faint'].flatMap((text) =>
    ['ground', 'surface', 'raised', 'sunken', 'hover', 'active'].map((area): [string, string] => [text, area]),
  ),
  ...HUES.flatMap((h): [string, string][] => [
    [`${h}-line`, 'ground'],
    [`${h}-line`, 'surface'],
    [`${h}-line`, 'raised'],
    [`${h}-line`, 'hover'],
    [`${h}-line`, `${h}-fill`],
    [`${h}-ink`, `${h}-fill`],
  ]),
  ['on-primary', 'primary'],
  ['on-primary', 'primary-hover'],
  ['selection', 'surface'],
  ['text', 'selection-fill'],
  ['text-soft', 'selection-fill'],
  ['veth-line', 'selection-fill'],
  ['danger-ink', 'danger-fill'],
]

describe.each([
  ['light', ':root'],
  ['dark', '[data-theme="dark"]'],
])('%s theme', (_, selector) => {
  const own = tokens(block(selector))
  it.each(pairs)('%s is readable on %s', (text, area) => {
    expect(contrast(own.get(text) ?? '', own.get(area) ?? '')).toBeGreaterThanOrEqual(4.5)
  })
  it('sets every colour of the other theme', () => {
    expect([...own.keys()].sort()).toEqual([...tokens(block(':root')).keys()].sort())
  })
})
