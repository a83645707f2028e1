import { fill, type PathLanguage } from '@hopscope/path'
import { MOST_ALTERNATIVES } from '../filter/filter.ts'
import type { FilterError } from '../filter/parse.ts'
import type { TraceWords } from './catalogue.ts'
import { en } from './en.ts'
import { zhCN } from './zhCN.ts'

export const TRACE_WORDS: Readonly<Record<PathLanguage, TraceWords>> = { en, 'zh-CN': zhCN }

/** What is wrong with a filter, where, and what may have been meant. */
export function sayFilterError({ code, column, word, near }: FilterError, language: PathLanguage): string {
  const words = TRACE_WORDS[language]
  const said = fill(words.at, { column, error: fill(words.errors[code], { word }) })
  const separator = language === 'en' ? ' ' : ''
  return near.length === 0 ? said : `${said}${separator}${fill(words.near, { words: near.join(', ') })}`
}

/** That a filter is too large for the kernel to be asked at every packet. */
export const sayTooMany = (language: PathLanguage): string =>
  fill(TRACE_WORDS[language].tooMany, { most: MOST_ALTERNATIVES })
