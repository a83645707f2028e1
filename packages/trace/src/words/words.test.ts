import { describe, expect, it } from 'vitest'
import type { TraceSummary } from '../summary.ts'
import { saySummary } from './words.ts'

const SUMMARY: TraceSummary = {
  ...{ ended: 'packets', shown: 20, partial: 0, leftOut: 3, namespaces: 2, unavailable: [], legacy: [] },
  ...{ meant: 80, traced: 69, starts: { shown: 60, leftOut: 9, unmeant: 0 }, lost: 0, overruns: 0 },
}
const said = (more: Partial<TraceSummary> & { dropped?: number }, language: 'en' | 'zh-CN' = 'en') =>
  saySummary(
    { ...SUMMARY, ...more },
    { language, namer: { place: (netns) => netns, link: ({ name }) => name, enter: () => [] } },
  )

describe('what a tracing came to', () => {
  it('is said with what was left out, and without what there was none of', () => {
    expect(said({})).toEqual([
      'Packets shown: 20, namespaces: 2 (as many as asked for).',
      'Left out, beyond as many as asked for: 3.',
      'Meant, but beyond the limits: 11.',
    ])
    expect(said({ leftOut: 0, meant: 69 }, 'zh-CN')).toEqual([
      '在 2 个命名空间中显示了 20 个数据包（已达到所要求的数量）。',
    ])
  })

  it('tells how many were followed from how many are shown, where those that arrive are not', () => {
    const ends = { leftOut: 0, meant: 69, dropped: 2 }
    expect(said(ends)).toEqual([
      'Packets followed: 20; shown because they do not arrive: 2. Namespaces: 2 (as many as asked for).',
    ])
    expect(said(ends, 'zh-CN')).toEqual([
      '在 2 个命名空间中跟踪了 20 个数据包，显示了其中未到达的 2 个（已达到所要求的数量）。',
    ])
  })

  it('says that it is not known what was lost, rather than a wrong number', () => {
    expect(said({ meant: 69, leftOut: 0, lost: 4 }).slice(1)).toEqual([
      'Losses of what the kernel told of a packet: 4.',
    ])
    expect(said({ meant: 0, traced: 0, leftOut: 0, lost: -69 }).slice(1)).toEqual([
      'How much was lost is not known: the counters of nftables were set back meanwhile.',
    ])
  })
})
