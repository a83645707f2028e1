import { fill, type PathLanguage, sayTyped } from '@hopscope/path'
import { MOST_ALTERNATIVES } from '../filter/filter.ts'
import type { FilterError } from '../filter/parse.ts'
import type { TraceWords } from './catalogue.ts'
import { en } from './en.ts'
import { zhCN } from './zhCN.ts'

export const TRACE_WORDS: Readonly<Record<PathLanguage, TraceWords>> = { en, 'zh-CN': zhCN }

/** What is wrong with a filter, where, and what may have been meant. */
export function sayFilterError({ code, column, word, near }: FilterError, language: PathLanguage): string {
  return sayTyped(fill(TRACE_WORDS[language].errors[code], { word }), { language, near, column })
}

/** That a filter is too large for the kernel to be asked at every packet. */
export const sayTooMany = (language: PathLanguage): string =>
  fill(TRACE_WORDS[language].tooMany, { most: MOST_ALTERNATIVES })
