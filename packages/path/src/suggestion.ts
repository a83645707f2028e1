import type { SuggestionCode } from './words/codes.ts'

/** What to change so that it passes: a code with parameters, and the typed command that does it, where there is one. */
export type Suggestion = {
  code: SuggestionCode
  params: Readonly<Record<string, string | number>>
  command?: Readonly<Record<string, unknown>>
}
