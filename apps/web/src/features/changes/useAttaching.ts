import { visible } from '@hopscope/model'
import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../i18n/Language.tsx'
import type { Attaching, Plug, Socket } from './model/attach.ts'
import { toldRefusal } from './model/words.ts'

export const nameOfPlug = (plug: Plug): string => visible(plug.kind === 'link' ? plug.link.name : plug.container.name)

/** What people call it: Docker's name, and the link's where that is another one. */
export function nameOfSocket({ name, network }: Socket): string {
  const own = visible(name)
  if (network === undefined || network.name === name) return own
  return name === 'docker0' ? own : `${visible(network.name)} (${own})`
}

/** Says in words what would come of plugging something in. */
export function useAttachingWords(): (plug: Plug, socket: Socket, attaching: Attaching) => string {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  return useCallback(
    (plug, socket, attaching) => {
      const names = { plug: nameOfPlug(plug), socket: nameOfSocket(socket) }
      if ('refused' in attaching) return toldRefusal(attaching.refused, locale)
      if ('mismatch' in attaching) return t(`plug.${attaching.mismatch}`, names)
      return t(attaching.draft.do === 'network.connect' ? 'plug.connect' : 'plug.attach', names)
    },
    [t, locale],
  )
}
