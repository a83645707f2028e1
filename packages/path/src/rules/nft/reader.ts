import type { FwSets } from '@hopscope/model'

/** The words of a rule, read from left to right, and the named sets of its table. */
export class Reader {
  at = 0
  readonly sets: FwSets
  private readonly words: readonly string[]
  constructor(all: readonly string[], sets: FwSets) {
    // `@m:80`: a map of addresses, and the port for all of them.
    this.words = all.flatMap((word) => /^(@[^:]+)(:[\d-]+)$/.exec(word)?.slice(1) ?? word)
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
  textBetween = (start: number, end: number): string => this.words.slice(start, end).join(' ')
  textFrom = (start: number): string => this.words.slice(start).join(' ')
}
