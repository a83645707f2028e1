import type { Change } from '@hopscope/protocol'

/**
 * A later change that made the same container anew: its name stands for that one now. To undo the earlier change would remove
 * the newest container in place of the one that it made.
 */
export function laterOf(change: Change, all: readonly Change[]): Change | undefined {
  const name = madeAnew(change)
  if (name === undefined) return undefined
  return all.find((one) => ['done', 'unconfirmed'].includes(one.state) && one.at > change.at && madeAnew(one) === name)
}

/** The name of the container that a change made anew. */
const madeAnew = ({ command, title }: Change): unknown =>
  (command.do === 'port.publish' || command.do === 'port.unpublish') && command.by === 'recreate'
    ? title.params.container
    : undefined
