import { namerOf, sayHop } from '@hopscope/path'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { answer } from './answer.ts'
import { choicesAfter } from './lesson.ts'
import { stepsOf } from './walk.ts'

const host = recordedHost(46)
const answered = answer({ from: 'outside', to: '192.168.66.11', protocol: 'tcp', port: '8080' }, host)
const steps = stepsOf(answered.kind === 'predicted' ? answered.ways : [])

describe('the choices of a lesson', () => {
  it.each(['en', 'zh-CN'] as const)('have one right answer, and nothing twice, in %s', (language) => {
    const say = (hop: Parameters<typeof sayHop>[0]) => sayHop(hop, language, namerOf(host))
    for (const { at } of steps.slice(0, -1)) {
      const choices = choicesAfter(steps, at, say)
      const next = steps[at + 1]
      expect(choices.filter(({ isRight }) => isRight).map(({ text }) => text)).toEqual([next && say(next.hop)])
      expect(new Set(choices.map(({ text }) => text)).size).toBe(choices.length)
      expect(choices).toHaveLength(4)
      for (const { text } of choices) expect(text).not.toMatch(/[{}?]|undefined/)
      expect(choicesAfter(steps, at, say), 'the same each time').toEqual(choices)
    }
    expect(choicesAfter(steps, steps.length - 1, say)).toEqual([])
  })

  it('offer nothing that is on the screen while three other hops are to come', () => {
    const say = (hop: Parameters<typeof sayHop>[0]) => sayHop(hop, 'en', namerOf(host))
    let early = 0
    for (const { at } of steps.slice(0, -1)) {
      const seen = new Set(steps.slice(0, at + 1).map(({ hop }) => say(hop)))
      const later = new Set(steps.slice(at + 2).map(({ hop }) => say(hop)))
      if ([...later].filter((text) => !seen.has(text)).length < 3) continue
      early++
      const wrong = choicesAfter(steps, at, say).filter(({ isRight }) => !isRight)
      expect(wrong.filter(({ text }) => seen.has(text))).toEqual([])
    }
    expect(early).toBeGreaterThan(5)
  })

  it('the right one stands at no place more often than chance has it', () => {
    const say = (hop: Parameters<typeof sayHop>[0]) => sayHop(hop, 'en', namerOf(host))
    const places = steps.slice(0, -1).map(({ at }) => choicesAfter(steps, at, say).findIndex(({ isRight }) => isRight))
    expect(new Set(places).size).toBe(4)
  })
})
