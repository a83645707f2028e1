import type { FeedMessage } from './feed.ts'

export type Outbox = {
  /** `sent` is called once the message has left, in a later turn of the event loop; not for one that is not let in. */
  send(message: FeedMessage, sent?: () => void): void
}

type Options = {
  /** Hands a message on; calls back when it has left this process, or could not. */
  write: (message: FeedMessage, written: () => void) => void
  /** All that waited has left, and something was not let in meanwhile: a snapshot is due. */
  onCaughtUp: () => void
}

/** What is in no snapshot. */
const ASIDE: ReadonlySet<FeedMessage['type']> = new Set(['samples', 'progress', 'stories', 'traced'])
/** So many messages may wait for a reader that stands still. Even snapshots: it asks for one at a time. */
export const MOST_WAITING = 64

/**
 * Passes messages on to the process at the other end of a pipe, which may stand still for long: what would wait then is not
 * kept, because a snapshot says it all.
 */
export function createOutbox({ write, onCaughtUp }: Options): Outbox {
  let waiting = 0
  let missed = false
  const written = () => {
    waiting--
    if (waiting > 0 || !missed) return
    missed = false
    onCaughtUp()
  }
  return {
    send(message, sent) {
      if (missed || waiting >= MOST_WAITING) {
        missed ||= !ASIDE.has(message.type)
        return
      }
      waiting++
      write(message, () => {
        written()
        if (sent) setImmediate(sent)
      })
    },
  }
}
