/** A word of a filter, and the column that it starts at, from 1 on. */
export type Token = { text: string; column: number }

/** The words of a filter; parentheses and ! are words of their own. */
export function tokensOf(text: string): Token[] {
  return [...text.matchAll(/[()!]|&&|\|\||[^\s()!&|]+|[&|]/g)].map((match) => ({
    text: match[0],
    column: match.index + 1,
  }))
}
