import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

const WINDOW = 15 * 60
const PER_SUBJECT = 5
const PER_ADDRESS = 50

/** Whose attempt, and at what: an account or the one-time link. */
export type Attempt = { ip: string; subject: string }
export type Limits = {
  /** Counts an attempt. Returns the seconds to wait when there were too many: 5 per address and subject, 50 per address, in 15 minutes. */
  attempt(a: Attempt): Promise<{ retryAfter: number } | undefined>
  /** Forgets the subject's attempts from this address: they ended well. */
  succeeded(a: Attempt): Promise<void>
}

export function createLimits(): Limits {
  const perSubject = new RateLimiterMemory({ keyPrefix: 'subject', points: PER_SUBJECT, duration: WINDOW })
  const perAddress = new RateLimiterMemory({ keyPrefix: 'address', points: PER_ADDRESS, duration: WINDOW })
  return {
    async attempt({ ip, subject }) {
      // The address first: it bounds how many counters one address can make.
      return (await consume(perAddress, ip)) ?? (await consume(perSubject, `${ip} ${subject}`))
    },
    async succeeded({ ip, subject }) {
      await perSubject.delete(`${ip} ${subject}`)
    },
  }
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<{ retryAfter: number } | undefined> {
  try {
    await limiter.consume(key)
    return undefined
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    // A clock that was set back makes the end of the window look far away; it comes by a timer, which that does not move.
    return { retryAfter: Math.min(WINDOW, Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))) }
  }
}
