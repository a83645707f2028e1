import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

const WINDOW = 15 * 60
const PER_ACCOUNT = 5
const PER_ADDRESS = 50

export type Attempt = { ip: string; account: string }
export type Limits = {
  /** Counts an attempt. Returns the seconds to wait when there were too many: 5 per address and account, 50 per address, in 15 minutes. */
  attempt(a: Attempt): Promise<{ retryAfter: number } | undefined>
  /** Forgets the account's attempts from this address: they ended well. */
  succeeded(a: Attempt): Promise<void>
}

export function createLimits(): Limits {
  const perAccount = new RateLimiterMemory({ keyPrefix: 'account', points: PER_ACCOUNT, duration: WINDOW })
  const perAddress = new RateLimiterMemory({ keyPrefix: 'address', points: PER_ADDRESS, duration: WINDOW })
  return {
    async attempt({ ip, account }) {
      // The address first: it bounds how many accounts' counters one address can make.
      return (await consume(perAddress, ip)) ?? (await consume(perAccount, `${ip} ${account}`))
    },
    async succeeded({ ip, account }) {
      await perAccount.delete(`${ip} ${account}`)
    },
  }
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<{ retryAfter: number } | undefined> {
  try {
    await limiter.consume(key)
    return undefined
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    return { retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) }
  }
}
