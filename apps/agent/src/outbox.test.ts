import { describe, expect, it } from 'vitest'
import type { FeedMessage } from './feed.ts'
import { createOutbox, MOST_WAITING } from './outbox.ts'

const patch = (to: number): FeedMessage => ({
  type: 'patch',
  message: { hostId: 'h', epoch: 'e', from: to - 1, to, hash: '', diff: {} },
})
const samples: FeedMessage = { type: 'samples', message: { hostId: 'h', at: 0 } }

function setting() {
  const out: FeedMessage[] = []
  const written: (() => void)[] = []
  let caughtUp = 0
  const outbox = createOutbox({
    write: (message, done) => {
      out.push(message)
      written.push(done)
    },
    onCaughtUp: () => caughtUp++,
  })
  const drain = () => {
    for (const done of written.splice(0)) done()
  }
  return { outbox, out, drain, caughtUp: () => caughtUp }
}

describe('an outbox', () => {
  it('keeps the order and says nothing of a reader that reads', () => {
    const { outbox, out, drain, caughtUp } = setting()
    for (let n = 1; n <= 1_000; n++) {
      outbox.send(patch(n))
      if (n % MOST_WAITING === 0) drain()
    }
    expect(out).toHaveLength(1_000)
    drain()
    expect(caughtUp()).toBe(0)
  })

  it('lets a bounded number wait for one that does not, and a snapshot follow', () => {
    const { outbox, out, drain, caughtUp } = setting()
    for (let n = 1; n <= 1_000; n++) outbox.send(patch(n))
    expect(out).toHaveLength(MOST_WAITING)
    drain()
    expect(caughtUp()).toBe(1)
    outbox.send(patch(1_001))
    expect(out).toHaveLength(MOST_WAITING + 1)
  })

  it('misses samples without a word', () => {
    const { outbox, out, drain, caughtUp } = setting()
    for (let n = 1; n <= 1_000; n++) outbox.send(samples)
    drain()
    outbox.send(samples)
    expect(out).toHaveLength(MOST_WAITING + 1)
    expect(caughtUp()).toBe(0)
  })
})
