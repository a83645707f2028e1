// What would move a cursor, change colours, turn the direction of writing, or stand there unseen. The joiner of emoji and of
// Persian words (U+200C, U+200D) is none of these.
const RANGES = [
  '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb',
  '\\u{e0000}-\\u{e007f}\\ud800-\\udfff',
].join('')
const HIDDEN = new RegExp(`[${RANGES}]`, 'u')
const EACH_HIDDEN = new RegExp(HIDDEN, 'gu')
const EACH_BUT_LINES = new RegExp(`(?![\\n\\t])[${RANGES}]`, 'gu')

/** A name as it can be shown: control characters as their symbols (␛ for ESC), other unseen ones as their codes. */
export const visible = (text: string): string => (HIDDEN.test(text) ? text.replace(EACH_HIDDEN, symbol) : text)

/** The same for a text of several lines, which stay lines. */
export const visibleLines = (text: string): string => (HIDDEN.test(text) ? text.replace(EACH_BUT_LINES, symbol) : text)

function symbol(c: string): string {
  const code = c.codePointAt(0) ?? 0
  // Unicode has a picture of each of the first control characters, and one of delete.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  return `\\u{${code.toString(16)}}`
}
