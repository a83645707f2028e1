import { readSetting, writeSetting } from '../shell/settings.ts'

export const LOCALES = ['en', 'zh-CN'] as const
export type Locale = (typeof LOCALES)[number]

/** The language to start with: what was chosen on this device, else what the browser prefers. */
export function startLocale(): Locale {
  return localeOf(readSetting('locale')) ?? navigator.languages.map(fromTag).find((l) => l !== undefined) ?? 'en'
}

export const localeOf = (text: unknown): Locale | undefined => LOCALES.find((l) => l === text)

export const keepLocale = (locale: Locale): void => writeSetting('locale', locale)

const fromTag = (tag: string): Locale | undefined =>
  tag.startsWith('zh') ? 'zh-CN' : tag.startsWith('en') ? 'en' : undefined
