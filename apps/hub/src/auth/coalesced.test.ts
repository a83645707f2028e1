import { describe, expect, it } from 'vitest'
import { coalesced } from './coalesced.ts'

describe('a coalesced question', () => {
  it('is asked once at a time for each key, and anew after its answer or failure', async () => {
    const asked: string[] = []
    const ask = coalesced(async (key: string) => {
      asked.push(key)
      await Promise.resolve()
      if (key === 'bad') throw new Error('no')
      return asked.length
    })
    expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual([2, 2, 2])
    expect(asked).toEqual(['a', 'b'])
    await ask('a')
    expect(asked).toEqual(['a', 'b', 'a'])
    await expect(ask('bad')).rejects.toThrow('no')
    await expect(ask('bad')).rejects.toThrow('no')
    expect(asked).toHaveLength(5)
  })
})
