import { nearNames } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { withoutVantage } from '../observation.ts'
import type { Paint } from '../terminal.ts'
import { jsonText } from './json.ts'
import { table } from './table.ts'

const plain: Paint = (_style, text) => text
const marked: Paint = (style, text) => `<${style}>${text}</>`

describe('table', () => {
  it('aligns columns, also of wide characters, and drops empty ones', () => {
    const rows = [
      ['网', '', 'x'],
      ['abc', '', 'y'],
    ]
    expect(table(['A', 'B', 'C'], rows, plain)).toBe('  A    C\n  网   x\n  abc  y')
  })
  it('pads by what is seen, not by the codes of colours', () => {
    expect(table(['A', 'B'], [[{ text: 'up', style: 'green' }, 'z']], marked)).toBe(
      '  <dim>A</>   <dim>B</>\n  <green>up</>  z',
    )
  })
  it('prints no control characters of a name', () => {
    expect(table(['A'], [['\u0007\u001b[31m\u202e']], plain)).toBe('  A\n  ␇␛[31m\\u{202e}')
    const hidden = { '\u009b': ['\u202e\u{e0041}\u001b\ud800', '网'] }
    expect(jsonText(hidden)).toBe('{"\\u009b":["\\u202e\\udb40\\udc41\\u001b\\ud800","网"]}')
    expect(JSON.parse(jsonText(hidden))).toEqual(hidden)
  })
})

describe('near names', () => {
  it.each([
    ['dmo-1', ['demo-1', 'lab-1'], ['demo-1']],
    ['demo', ['demo-1', 'demo-2', 'x'], ['demo-1', 'demo-2']],
    ['zzz', ['demo-1'], []],
  ])('of %s among %j are %j', (typed, names, expected) => expect(nearNames(typed, names)).toEqual(expected))
})

it('runs again without --vantage, in either spelling', () => {
  expect(withoutVantage(['watch', '--vantage', 'demo-1', '--json'])).toEqual(['watch', '--json'])
  expect(withoutVantage(['--vantage=demo-1', 'watch'])).toEqual(['watch'])
})
