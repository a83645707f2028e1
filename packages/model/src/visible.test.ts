import { describe, expect, it } from 'vitest'
import { visible, visibleLines } from './index.ts'

describe('visible', () => {
  it.each([
    ['a\0b', 'a␀b'],
    ['\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
    ['two\r\nlines\tx', 'two␍␊lines␉x'],
    ['\u007f\u0085', '␡\\u{85}'],
    ['\u202etxt.exe', '\\u{202e}txt.exe'],
    ['a\u2066b\u2069\u200f\u061c', 'a\\u{2066}b\\u{2069}\\u{200f}\\u{61c}'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half \ud83d', 'half \\u{d83d}'],
  ])('shows what is hidden in %j', (text, shown) => expect(visible(text)).toBe(shown))
  it.each(['plain', '', '网络', 'שלום', '🧑‍🚀', 'می‌خواهم', 'é', 'е (Cyrillic)', '<b>&amp;'])(
    'leaves %j as it is',
    (text) => expect(visible(text)).toBe(text),
  )
  it('keeps the lines of a file', () => {
    expect(visibleLines('a\n\tb\u001b\r\n')).toBe('a\n\tb␛␍\n')
    expect(visibleLines('a\nb')).toBe('a\nb')
  })
})
