/** The words of a rule, read from left to right. */
export class Reader {
  at = 0
  private readonly words: readonly string[]
  constructor(all: readonly string[]) {
    this.words = all
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
