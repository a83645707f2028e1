import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import { shownArgs } from '../../i18n/shownArgs.ts'
import type { Say, Tag } from './model/page.ts'

/** The sentence of the catalogue in the language in use. */
export function useSay(): (said: Say | string) => string {
  const t = useTranslations('inspector')
  return useCallback(
    (said) => (typeof said === 'string' ? said : t(`say.${said.say}`, said.args && shownArgs(said.args))),
    [t],
  )
}

/** What a small mark says. */
export function useTagText(): (tag: Tag) => string {
  const say = useSay()
  return useCallback((tag) => ('text' in tag ? tag.text : say(tag)), [say])
}
