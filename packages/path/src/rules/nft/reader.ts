import type { NamedSets } from '../rule.ts'

/** The words of a rule, read from left to right, and the named sets of its table. */
export class Reader {
  at = 0
  readonly sets: NamedSets
  private readonly words: readonly string[]
  constructor(all: readonly string[], sets: NamedSets) {
    this.words = all
    this.sets = sets
  }
  ended = (): boolean => this.at >= this.words.length
  next = (): string => this.words[this.at++] ?? ''
  peek = (ahead = 0): string => this.words[this.at + ahead] ?? ''
  take(...expected: string[]): boolean {
    if (!expected.every((word, i) => this.peek(i) === word)) return false
    this.at += expected.length
    return true
  }
  textFrom = (start: number): string => this.words.slice(start).join(' ')
}
