import type en from './en/index.ts'
import type { Locale } from './locale.ts'

export type Messages = typeof en

declare module 'use-intl' {
  interface AppConfig {
    Messages: Messages
    Locale: Locale
  }
}

/** The catalogue of a language; only the one in use is loaded. */
export async function loadMessages(locale: Locale): Promise<Messages> {
  switch (locale) {
    case 'en':
      return (await import('./en/index.ts')).default
    case 'zh-CN':
      return (await import('./zh-CN/index.ts')).default
  }
}
