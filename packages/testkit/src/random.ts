/** A seeded source of numbers (mulberry32), so that a failing run can be repeated. */
export class Random {
  #state: number
  constructor(readonly seed: number) {
    this.#state = seed >>> 0
  }
  /** A fraction in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  below(n: number): number {
    return Math.floor(this.next() * n)
  }
  pick<T>(list: readonly [T, ...T[]]): T
  pick<T>(list: readonly T[]): T | undefined
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)]
  }
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }
}

/**
 * The seed of this run: HOPSCOPE_SEED, or a fresh one; in CI always the same, so that no change lands or fails by luck. Printed, so
 * that the run can be repeated.
 */
export function seeded(what: string): Random {
  const fallback = process.env.CI ? IN_CI : Math.floor(Math.random() * 2 ** 32)
  const seed = Number(process.env.HOPSCOPE_SEED ?? fallback)
  process.stdout.write(`${what}: HOPSCOPE_SEED=${seed}\n`)
  return new Random(seed)
}

/** It once ended a hub. */
const IN_CI = 390_713_697
