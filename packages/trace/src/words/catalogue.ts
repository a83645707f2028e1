import type { FilterErrorCode } from '../filter/parse.ts'

/** What a language has to say of filters. `{name}` stands for a parameter. */
export type TraceWords = {
  errors: Readonly<Record<FilterErrorCode, string>>
  at: string
  near: string
  tooMany: string
}
