import { describe, expect, it } from 'vitest'
import { parseRef, sameRef } from './location.ts'

describe('parseRef', () => {
  it('reads host, kind and id, whatever the id holds', () => {
    expect(parseRef('h|route|route:1:inet:254:unicast:default::0:0:10.0.0.1@2|x')).toEqual({
      hostId: 'h',
      kind: 'route',
      id: 'route:1:inet:254:unicast:default::0:0:10.0.0.1@2|x',
    })
  })
  it.each(['', 'h', 'h|link', 'h|nothing|x', '|link|x'])('refuses %j', (text) => {
    expect(parseRef(text)).toBeNull()
  })
})

it('compares references by value', () => {
  const a = { hostId: 'h', kind: 'link', id: 'x' } as const
  expect(sameRef(a, { ...a })).toBe(true)
  expect(sameRef(a, { ...a, id: 'y' })).toBe(false)
  expect(sameRef(a, null)).toBe(false)
  expect(sameRef(null, null)).toBe(true)
})
