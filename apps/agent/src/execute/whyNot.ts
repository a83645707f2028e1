import type { Plan, Reason, ReasonCode } from '@hopscope/command'
import type { AskingRole, Change } from '@hopscope/protocol'

/** What somebody saw and typed before, and who; whoever runs a command without has the right to. */
export type Agreed = { shown: readonly string[]; role: AskingRole; confirm?: string | undefined }

/** Why a change cannot be undone now. */
export function whyNotUndone({ state, final }: Change): ReasonCode | undefined {
  switch (state) {
    case 'running':
    case 'undoing':
      return 'CHANGE_RUNNING'
    case 'undone':
    case 'failed':
      return 'CHANGE_UNDONE'
    case 'done':
    case 'unconfirmed':
    case 'stuck':
      return final ? 'CHANGE_FINAL' : undefined
  }
}

/** Why somebody may not run a plan: it is about what is not ours. */
export function whyNotAgreed({ confirm: name }: Plan, { role, confirm }: Agreed): Reason | undefined {
  if (name === undefined) return undefined
  if (role !== 'admin') return { code: 'ADMIN_NEEDED', params: { name } }
  return confirm === name ? undefined : { code: 'NAME_NOT_TYPED', params: { name } }
}
