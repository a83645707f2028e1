import { describe, expect, it } from 'vitest'
import { createPuts } from './puts.ts'

describe('what is put in a turn of its own', () => {
  const left = new Set(['links', 'routes'])

  it('is put once, before anything else is read there, and is then done for who goes on', () => {
    const puts = createPuts<string>()
    const done: string[] = []
    puts.defer('a', { table: 'links', left, put: () => done.push('a') })
    expect(puts.settle('b', left)).toBeUndefined()
    expect(done).toEqual([])
    expect(puts.settle('a', left)).toBe('links')
    expect(puts.settle('a', left)).toBeUndefined()
    expect(done).toEqual(['a'])
  })

  it('is still to be read for who wants the same table since then', () => {
    const puts = createPuts<string>()
    const done: string[] = []
    puts.defer('a', { table: 'links', left, put: () => done.push('a') })
    expect(puts.settle('a', new Set(left))).toBeUndefined()
    expect(done).toEqual(['a'])
  })

  it('is dropped with its namespace, and put for all others when asked for', () => {
    const puts = createPuts<string>()
    const done: string[] = []
    for (const netns of ['a', 'b', 'c']) puts.defer(netns, { table: 'links', left, put: () => done.push(netns) })
    puts.forget('b')
    puts.settleAll()
    expect(done).toEqual(['a', 'c'])
  })
})
