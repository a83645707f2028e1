/**
 * What a tracing came to. All that the kernel counted as traced is accounted for: `traced` is the sum of `starts` and `lost`. One packet is counted
 * several times, once by each rule of ours that it meets.
 */
export type TraceSummary = {
  ended: 'packets' | 'seconds' | 'stopped'
  shown: number
  /** Shown, but not all of their way. */
  partial: number
  /** Packets that were traced and not shown, because as many as asked for were. */
  leftOut: number
  /** Times that a rule of ours met a packet that was meant, in all namespaces together. */
  meant: number
  /** Those that were within the limits, and so traced. */
  traced: number
  /** Those that we heard of, by what became of the packet. `unmeant`: it came with what is meant, for a translation that did not take place. */
  starts: { shown: number; leftOut: number; unmeant: number }
  /** Traced, and what the kernel told of it did not reach us. Below 0 when somebody set the kernel's counters back meanwhile. */
  lost: number
  /** Times that the kernel had to throw messages away because we did not read fast enough. */
  overruns: number
  namespaces: number
  /** Namespaces in which nothing can be traced; `because` is `TRACED_ALREADY` or says what the kernel said. */
  unavailable: { netns: string; because: string }[]
  /** Namespaces with rules of iptables-legacy of which nothing is told, and why. */
  legacy: { netns: string; because: LegacyObstacle }[]
}

/**
 * Why nothing is told of the rules of iptables-legacy: the kernel has no nfnetlink_log, another program listens to its group 0, or the logger of
 * the namespace may not be chosen.
 */
export type LegacyObstacle = 'LACKS_NFLOG' | 'GROUP_TAKEN' | 'NOT_ALLOWED'

/** Another tracing has made our table there. */
export const TRACED_ALREADY = 'EEXIST'
