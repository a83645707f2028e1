import { visible } from '@hopscope/model'

/**
 * A word as a shell takes it: bare when nothing in it is special, else in single quotes. Characters that cannot be seen, and
 * that a terminal would obey when they are pasted, are written as their bytes in octal ($'…', as bash, zsh and ksh read it).
 */
export function quote(word: string): string {
  if (visible(word) !== word) return `$'${[...word].map(escaped).join('')}'`
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function escaped(c: string): string {
  if (c === "'" || c === '\\') return `\\${c}`
  if (visible(c) === c) return c
  return [...new TextEncoder().encode(c)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}
