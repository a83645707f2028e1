import type { Change } from '@hopscope/protocol'
import type { Checked } from './check.ts'
import type { Values } from './draft.ts'

/** What a person was shown for some inputs, and the changes that were known of then. */
export type Seen = { values: Values; hostId: string; comesTo: string; known: ReadonlySet<string> } | undefined

type Shown = { values: Values; hostId: string; checked: Checked; news: readonly Change[] }

/** What is shown first for these inputs; nothing while they are not complete. */
export function seenOf({ values, hostId, checked, news }: Shown): Seen {
  const comesTo = comesToOf(checked)
  return comesTo === undefined ? undefined : { values, hostId, comesTo, known: new Set(news.map(keyOf)) }
}

/** The changes since then, when the same inputs come to something else now; undefined while they do not. */
export function movedSince(seen: Seen, checked: Checked, news: readonly Change[]): readonly Change[] | undefined {
  if (seen === undefined || comesToOf(checked) === seen.comesTo) return undefined
  return news.filter((change) => OVER.has(change.state) && !seen.known.has(keyOf(change)))
}

const OVER: ReadonlySet<Change['state']> = new Set(['done', 'undone'])
const keyOf = ({ id, state }: Change): string => `${id} ${state}`

function comesToOf(checked: Checked): string | undefined {
  switch (checked.kind) {
    case 'incomplete':
      return undefined
    case 'refused':
      return `refused ${JSON.stringify(checked.refusal)}`
    case 'planned':
      return JSON.stringify(checked.shell)
  }
}
