import { Random } from '@hopscope/testkit/random'

/** A seeded source of choices. */
export class Dice {
  readonly #random: Random
  constructor(seed: number) {
    this.#random = new Random(seed)
  }
  chance = (probability: number): boolean => this.#random.next() < probability
  /** Both ends included. */
  between = (from: number, to: number): number => from + this.#random.below(to - from + 1)
  /** Throws for an empty list. */
  pick<T>(list: readonly T[]): T {
    const found = list[this.#random.below(list.length)]
    if (found === undefined) throw new Error('nothing to choose from')
    return found
  }
}
