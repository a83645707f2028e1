/** A text in pieces, those that hold one of the words marked; upper and lower case are the same. */
export function marked(text: string, query: string): { text: string; hit: boolean }[] {
  const words = query.trim().split(/\s+/).filter(Boolean).map(escaped)
  if (words.length === 0) return [{ text, hit: false }]
  // With a group in it, every second piece is a match.
  const pieces = text.split(new RegExp(`(${words.join('|')})`, 'giu'))
  return pieces.map((piece, i) => ({ text: piece, hit: i % 2 === 1 })).filter((p) => p.text !== '')
}

const escaped = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
