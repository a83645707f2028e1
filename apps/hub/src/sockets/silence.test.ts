import { describe, expect, it } from 'vitest'
import { createSilence, SILENT_AFTER } from './silence.ts'

function setting() {
  let now = 0
  const told: string[] = []
  const hosts = {
    silent: (agent: string) => void told.push(`silent ${agent}`),
    heard: (agent: string) => void told.push(`heard ${agent}`),
  }
  const silence = createSilence(hosts, () => now)
  const watchFor = (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now += 1_000
      silence.watch()
    }
  }
  return { silence, told, watchFor, pass: (ms: number) => (now += ms) }
}

describe('silence', () => {
  it('is told once, and its end too', () => {
    const { silence, told, watchFor } = setting()
    silence.heard('a')
    watchFor(SILENT_AFTER)
    expect(told).toEqual([])
    watchFor(5_000)
    expect(told).toEqual(['silent a'])
    silence.heard('a')
    silence.heard('a')
    expect(told).toEqual(['silent a', 'heard a'])
    silence.left('a')
    watchFor(60_000)
    expect(told).toHaveLength(2)
  })

  it('is not what this process missed while it stood still itself', () => {
    const { silence, told, watchFor, pass } = setting()
    silence.heard('a')
    pass(30_000)
    silence.watch()
    expect(told).toEqual([])
    silence.heard('a') // what had queued up is read
    watchFor(SILENT_AFTER)
    expect(told).toEqual([])
  })
})
