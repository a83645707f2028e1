import { describe, expect, it } from 'vitest'
import { createPuts, type Steps } from './puts.ts'

describe('what is put in turns of its own', () => {
  const left = new Set(['links', 'routes'])
  const never = (): boolean => false
  const always = (): boolean => true

  function* inSteps(done: string[], ...steps: string[]): Steps {
    for (const [at, step] of steps.entries()) {
      if (at > 0) yield
      done.push(step)
    }
  }

  it('is put once, before anything else is read there, and is then done for who goes on', () => {
    const puts = createPuts<string>()
    const done: string[] = []
    puts.defer('a', { table: 'links', left, put: inSteps(done, 'a') })
    expect(puts.settle('b', left, never)).toBeUndefined()
    expect(done).toEqual([])
    expect(puts.settle('a', left, never)).toEqual({ done: true, table: 'links' })
    expect(puts.settle('a', left, never)).toBeUndefined()
    expect(done).toEqual(['a'])
  })

  it('goes on where the turn was over', () => {
    const puts = createPuts<string>()
    const done: string[] = []
    puts.defer('a', { table: 'links', left, put: inSteps(done, 'one', 'two') })
    expect(puts.settle('a', left, always)).toEqual({ done: false })
    expect(done).toEqual(['one'])
    expect(puts.settle('a', left, always)).toEqual({ done: true, table: 'links' })
    expect(done).toEqual(['one', 'two'])
  })

  it('is still to be read for who wants the same table since then', () => {
    const puts = createPuts<string>()
    const done: string[] = []
    puts.defer('a', { table: 'links', left, put: inSteps(done, 'a') })
    expect(puts.settle('a', new Set(left), never)).toEqual({ done: true })
    expect(done).toEqual(['a'])
  })

  it('is dropped with its namespace, and put for all others when asked for', () => {
    const puts = createPuts<string>()
    const done: string[] = []
    for (const netns of ['a', 'b', 'c'])
      puts.defer(netns, { table: 'links', left, put: inSteps(done, netns, `${netns}!`) })
    puts.forget('b')
    puts.settleAll()
    expect(done).toEqual(['a', 'a!', 'c', 'c!'])
  })
})
