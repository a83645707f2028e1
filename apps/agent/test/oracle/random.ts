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
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)]
  }
}
