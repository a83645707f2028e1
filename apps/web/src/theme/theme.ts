import { useSyncExternalStore } from 'react'
import { readSetting, writeSetting } from '../shell/settings.ts'

export const THEMES = ['light', 'dark', 'system'] as const
export type Theme = (typeof THEMES)[number]

const listeners = new Set<() => void>()
const dark = () => matchMedia('(prefers-color-scheme: dark)')
let watching = false

/** The chosen theme, what it comes to now, and how to change it. Readers are told when either changes. */
export function useTheme(): { theme: Theme; resolved: 'light' | 'dark'; setTheme: (t: Theme) => void } {
  const theme = useSyncExternalStore(subscribe, chosenTheme, () => 'system' as const)
  const resolved = useSyncExternalStore(subscribe, resolvedTheme, () => 'light' as const)
  return { theme, resolved, setTheme }
}

/** Remembers the theme on this device and applies it at once. */
export function setTheme(theme: Theme): void {
  writeSetting('theme', theme)
  show()
}

export function chosenTheme(): Theme {
  const kept = readSetting('theme')
  return THEMES.find((t) => t === kept) ?? 'system'
}

function resolvedTheme(): 'light' | 'dark' {
  const theme = chosenTheme()
  if (theme !== 'system') return theme
  return dark().matches ? 'dark' : 'light'
}

function show(): void {
  document.documentElement.dataset.theme = resolvedTheme()
  for (const tell of listeners) tell()
}

function subscribe(listener: () => void): () => void {
  if (!watching) {
    watching = true
    dark().addEventListener('change', show)
  }
  listeners.add(listener)
  return () => listeners.delete(listener)
}
