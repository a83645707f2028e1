import { describe, expect, it } from 'vitest'
import { marked } from './marked.ts'

const hits = (text: string, query: string) =>
  marked(text, query)
    .map((p) => (p.hit ? `<${p.text}>` : p.text))
    .join('')

describe('marked', () => {
  it('marks every word wherever it is, in any case', () => {
    expect(hits('-A DOCKER --dport 8080', 'dport docker')).toBe('-A <DOCKER> --<dport> 8080')
  })
  it('takes signs as they are', () => {
    expect(hits('10.0.0.1 1000x1', '10.0.0.1')).toBe('<10.0.0.1> 1000x1')
    expect(hits('net:[42] (a|b)', '[42] (a|')).toBe('net:<[42]> <(a|>b)')
  })
  it('marks nothing for nothing', () => {
    expect(marked('web', '  ')).toEqual([{ text: 'web', hit: false }])
  })
})
