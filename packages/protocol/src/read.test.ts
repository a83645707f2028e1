import { describe, expect, it } from 'vitest'
import { agentAuthSchema, goneSchema } from './events.ts'
import { readMessage } from './read.ts'

describe('readMessage', () => {
  it('gives the value, or why not and where', () => {
    expect(readMessage(goneSchema, { hostId: 'h' })).toEqual({ success: true, data: { hostId: 'h' } })
    expect(readMessage(goneSchema, { hostId: 5 })).toMatchObject({ success: false, path: ['hostId'] })
  })
  it('refuses what throws when it is looked at', () => {
    const hostile = JSON.parse('{"length":{"toString":1,"valueOf":2}}')
    expect(readMessage(goneSchema, { hostId: hostile })).toMatchObject({ success: false })
    expect(readMessage(agentAuthSchema, { key: hostile, protocol: 1 })).toMatchObject({ success: false })
  })
})
