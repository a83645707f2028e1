import { visible } from '@hopscope/model'
import { useTranslations } from 'use-intl'
import type { ReadRecording } from './model/recording.ts'

/** Undefined stands for packets that are not kept, or not any more. */
export type Wrong = Exclude<ReadRecording, { recording: unknown }> | undefined

/** Says why packets of this name cannot be shown. */
export function useWrongText(): (wrong: Wrong, name: string) => string {
  const t = useTranslations('tracing')
  return (wrong, name) => {
    const { where = '', why = '' } = wrong && 'where' in wrong ? wrong : {}
    return t(`wrong.${wrong?.wrong ?? 'GONE'}`, { file: visible(name), where: visible(where), why: visible(why) })
  }
}
