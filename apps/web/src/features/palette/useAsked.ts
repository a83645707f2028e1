import type { Outcome } from '@hopscope/model'
import { columnOf, namerOf, type PathLanguage, readLine, sayAskError, sayOutcome, type Typed } from '@hopscope/path'
import { useMemo } from 'react'
import { useLanguage } from '../../i18n/Language.tsx'
import { useSelection } from '../../shell/location.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import type { HostEntry } from '../../stream/hostStore.ts'
import { answer, otherDestinations } from '../packets/model/answer.ts'

/** A question about a packet that was typed, with its answer; `others` may have been meant. */
export type Asked = {
  hostId: string
  host: string
  typed: Typed
  said: string
  verdict: Outcome['verdict'] | 'wrong'
  others: readonly Typed[]
}

/** What `web → api:80` comes to, on the host where there is such a sender, the selected one first; undefined when the text asks nothing of the kind. */
export function useAsked(text: string): Asked | undefined {
  const { shown } = useShownHosts()
  const [selection] = useSelection()
  const { locale } = useLanguage()
  const hostId = selection?.hostId
  return useMemo(() => {
    const hosts = shown.toSorted((a, b) => Number(b.host.id === hostId) - Number(a.host.id === hostId))
    const asked = hosts.flatMap((host) => askedOn(host, text, locale) ?? [])
    return asked.find(({ verdict }) => verdict !== 'wrong') ?? asked[0]
  }, [shown, hostId, text, locale])
}

function askedOn({ host, snapshot }: HostEntry, text: string, language: PathLanguage): Asked | undefined {
  const line = snapshot && readLine(text, snapshot)
  if (!line) return undefined
  const { typed, tooMuch } = line
  const base = { hostId: host.id, host: host.name, typed }
  const answered = answer(typed, snapshot)
  if (tooMuch) {
    const wrong = { code: 'TOO_MUCH', part: 'to', word: tooMuch.word, near: [], known: [] } as const
    return { ...base, said: sayAskError(wrong, language, tooMuch.column), verdict: 'wrong', others: [] }
  }
  if (answered.kind === 'wrong') {
    const { wrong } = answered
    const said = sayAskError(wrong, language, columnOf(line, wrong))
    return { ...base, said, verdict: 'wrong', others: wrong.near.map((near) => ({ ...typed, [wrong.part]: near })) }
  }
  const { outcome } = answered.prediction
  return {
    ...base,
    said: sayOutcome(outcome, language, namerOf(snapshot)),
    verdict: outcome.verdict,
    others: otherDestinations(outcome, typed.to, snapshot).map((to) => ({ ...typed, to })),
  }
}
