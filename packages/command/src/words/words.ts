import { visible } from '@hopscope/model'
import type { Phrase, Refusal } from '../plan.ts'
import { en } from './en.ts'
import { zhCN } from './zhCN.ts'

export const WORDS = { en, 'zh-CN': zhCN } as const
export type Language = keyof typeof WORDS

/** What a step does, or what is lost, in words. */
export function say({ code, params }: Phrase, language: Language = 'en'): string {
  return fill(WORDS[language].phrases[code], params)
}

/** Why a command cannot work: the object, the reason, the next step. */
export function sayRefusal({ code, params }: Refusal, language: Language = 'en'): string {
  return fill(WORDS[language].refusals[code], params)
}

/** Names come from anybody: what cannot be seen is made visible. */
function fill(sentence: string, params: Phrase['params']): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => visible(String(params[name] ?? '')))
}
