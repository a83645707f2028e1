import { visible } from '@hopscope/model'
import type { Phrase, Reason, Refusal } from '../plan.ts'
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

/** Why something was not done, did not work or was undone, without the words of a program that stand beside it. */
export function sayReason({ code, params }: Reason, language: Language = 'en'): string {
  return fill(WORDS[language].reasons[code], params)
}

/** Names come from anybody: what cannot be seen is made visible. */
function fill(sentence: string, params: Phrase['params']): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => visible(String(params[name] ?? '')))
}
