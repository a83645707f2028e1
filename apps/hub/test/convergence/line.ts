import type { Random } from '@hopscope/testkit/random'

/** What happens to messages beside cuts: nothing (a socket), some are lost, repeated or reordered, or all are lost. */
export type Faults = { kind: 'none' } | { kind: 'some'; rate: number } | { kind: 'all' }

type Handlers = { onMessage(event: string, payload: unknown): void; onClose(reason: string): void }
/** One end of a connection. */
export type End = {
  handlers: Handlers | undefined
  readonly open: boolean
  send(event: string, payload: unknown): void
  /** Ends the connection in an orderly way: the other end hears of it. */
  close(reason: string): void
}
type Half = End & { ended(reason: string): void }
export type Line = {
  near: End
  far: End
  /** Breaks the connection; each end finds out when it does, up to a ping timeout later. */
  cut(): void
  readonly open: boolean
}

/** Only these are ever lost on an open connection; the rest makes up the connection itself. */
const LOSABLE = new Set(['snapshot', 'part', 'got', 'patch', 'marks', 'resync'])
const NOTICED_AFTER = [0, 50, 25_000]

/** A connection in memory, with the clock's delays and a seed's faults. Payloads arrive as copies, as over a wire. */
export function openLine(random: Random, faults: () => Faults): Line {
  let broken = false
  const near: Half = end(() => far)
  const far: Half = end(() => near)

  function end(peer: () => Half): Half {
    let open = true
    let arrives = 0
    const self: Half = {
      handlers: undefined,
      get open() {
        return open
      },
      send(event: string, payload: unknown) {
        if (!open || broken) return
        const text = payload === undefined ? undefined : JSON.stringify(payload)
        const deliver = () => {
          if (peer().open) peer().handlers?.onMessage(event, text === undefined ? undefined : JSON.parse(text))
        }
        for (const delay of fate(event)) setTimeout(deliver, delay)
      },
      close(reason: string) {
        if (!open) return
        self.ended(reason)
        if (!broken) setTimeout(() => peer().ended('transport close'), inOrder(1))
      },
      ended(reason: string) {
        if (!open) return
        open = false
        self.handlers?.onClose(reason)
      },
    }
    /** Never earlier than what was sent before. */
    function inOrder(delay: number): number {
      arrives = Math.max(arrives, performance.now() + delay)
      return arrives - performance.now()
    }
    /** After how many milliseconds it arrives, and how often. */
    function fate(event: string): number[] {
      const now = faults()
      const soon = random.below(20)
      if (now.kind === 'none' || !LOSABLE.has(event)) return [inOrder(soon)]
      if (now.kind === 'all') return []
      if (random.next() >= now.rate) return [inOrder(soon)]
      const lost: number[] = []
      const late = [random.below(3_000)]
      const twice = [inOrder(soon), random.below(500)]
      return random.pick([lost, late, twice]) ?? lost
    }
    return self
  }

  return {
    near,
    far,
    cut() {
      if (broken) return
      // What is on its way may still arrive at an end that has not noticed yet.
      broken = true
      for (const one of [near, far]) setTimeout(() => one.ended('transport close'), random.pick(NOTICED_AFTER) ?? 0)
    },
    get open() {
      return !broken && near.open && far.open
    },
  }
}
