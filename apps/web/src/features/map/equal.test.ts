import { describe, expect, it } from 'vitest'
import { equal } from './equal.ts'

describe('equal', () => {
  it.each([
    [{ a: 1 }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: undefined }, { b: undefined }, false],
    [[1, { a: [2] }], [1, { a: [2] }], true],
    [[1, 2], [1, 2, 3], false],
    [[1], { 0: 1 }, false],
    [null, {}, false],
    [{ 0: 1 }, [1], false],
  ])('%j and %j', (a, b, is) => {
    expect(equal(a, b)).toBe(is)
  })
})
