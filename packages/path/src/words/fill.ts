import { visible } from '@hopscope/model'

export type Params = Readonly<Record<string, string | number | undefined>>

/** A sentence with its parameters. Names come from anybody: what cannot be seen is made visible. */
export function fill(sentence: string, params: Params): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => visible(String(params[name] ?? '?')))
}
