import { emptySnapshot, type Hop, type HopOf, recordsOf } from '@hopscope/model'
import { explainedWay, listChain, namerOf, predict } from '@hopscope/path'
import type { ToldStory } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { recordedHost } from '@hopscope/testkit/recorded'
import { isLost } from '@hopscope/trace'
import { describe, expect, it } from 'vitest'
import {
  isSaid,
  LARGEST_FILE,
  lacksRules,
  namesIn,
  type Recording,
  readRecording,
  recordingLines,
  recordingPcap,
  recordingText,
  snapshotOf,
  unsentOf,
} from './recording.ts'

const host = generateHost({ containers: 3, id: 'a', name: 'a' })
const { rootNetns } = host.host
const hop: Hop = { kind: 'send', netns: rootNetns, basis: 'observed' }
const flow = { family: 'inet' as const, protocol: 'icmp', src: '10.0.0.1', dst: '10.0.0.2' }
const story = (verdict: ToldStory['way']['outcome']['verdict']): ToldStory => ({
  ...{ at: Date.UTC(2026, 0, 2, 3, 4, 5, 6), flow, way: { hops: [hop], outcome: { verdict } }, partial: false },
  head: { l3: '4500001c0001000040010000' + '0a0000010a000002', l4: '0800000000010001' },
})
const recording: Recording = {
  ...{ hopscope: 'packets', version: 2, ...namesIn(host), filter: 'icmp', began: 1 },
  ...{ stories: [story('delivered'), story('dropped')], shown: 5, partial: 0, overruns: 0 },
  gaps: [{ at: Date.UTC(2026, 0, 2, 3, 4, 5, 6), unsent: 3, overruns: 0, leftOut: 0 }],
}
const telling = { language: 'en', namer: namerOf(host) } as const

describe('a recording', () => {
  it('is the same once it was read again, with the names of the places that its packets came through', () => {
    const read = readRecording(recordingText(recording, host))
    if (!('recording' in read)) throw new Error(JSON.stringify(read))
    expect(read.recording.stories).toEqual(recording.stories)
    expect(read.recording.gaps).toEqual(recording.gaps)
    expect(read.recording.netns.map(({ id }) => id)).toEqual([rootNetns])
    expect(read.recording.containers).toEqual([])
    const again = { language: 'en', namer: namerOf(snapshotOf(read.recording)) } as const
    expect(recordingLines(read.recording, again)).toBe(recordingLines(recording, telling))
  })
  it('is said as the command line says it, and saved with the headers of each packet', () => {
    expect(recordingLines(recording, telling).split('\n')[0]).toBe('03:04:05.006  icmp 10.0.0.1 > 10.0.0.2')
    const file = recordingPcap(recording)
    expect(Buffer.from(file.slice(0, 4)).readUInt32LE()).toBe(0xa1b2c3d4)
    expect(file).toHaveLength(24 + 2 * (16 + 28))
  })
  it('knows how many packets it lacks, and which do not arrive', () => {
    expect(unsentOf(recording)).toBe(3)
    expect(recording.stories.map(isLost)).toEqual([false, true])
    expect(recording.stories.map((one) => isSaid(one, ['10.0.0.2', 'dropped'], telling))).toEqual([false, true])
  })
})

describe('the rules that packets met', () => {
  const docker = recordedHost(46)
  const [from, to] = recordsOf(docker, 'container').flatMap(({ netns, attachments }) => {
    const ip = attachments.find((one) => one.ip)?.ip
    return netns !== undefined && ip !== undefined ? [{ netns, ip }] : []
  })
  if (!from || !to) throw new Error('two containers')
  const { forward: way } = predict(docker, { from: { kind: 'netns', netns: from.netns }, to: to.ip, protocol: 'icmp' })
  const told: ToldStory = { at: 1, flow, way, partial: false }
  const whole: Recording = { ...recording, ...namesIn(docker), stories: [told] }
  const opened = (text: string): Recording => {
    const read = readRecording(text)
    if (!('recording' in read)) throw new Error(JSON.stringify(read))
    return read.recording
  }

  it('are kept, so that it is told without the host why the others did not match, as with it', () => {
    const again = opened(recordingText(whole, docker))
    const live = explainedWay(way, docker)
    expect(live.hops.flatMap((hop) => (hop.kind === 'chain' ? hop.passedOver : [])).length).toBeGreaterThan(3)
    const kept = again.stories.map((story) => explainedWay(story.way, snapshotOf(again)))
    expect(kept).toEqual([live])
    // What was opened from a file can be kept in turn.
    expect(opened(recordingText(again, snapshotOf(again)))).toEqual(again)
    expect(again.rules?.rules.length).toBeLessThanOrEqual(recordsOf(docker, 'fwRule').length)
    expect(lacksRules(again)).toBe(false)
  })

  it('are left out where a file would be too large with them, and what an earlier version kept has none', () => {
    const many = Array.from({ length: Math.floor(LARGEST_FILE / (JSON.stringify(told).length + 1)) }, () => told)
    const large = opened(recordingText({ ...whole, stories: many }, docker))
    expect([large.stories.length, lacksRules(large)]).toEqual([many.length, true])
    const { rules: _, gaps: __, ...before } = whole
    const old = opened(JSON.stringify({ ...before, version: 1 }))
    expect([old.stories, lacksRules(old)]).toEqual([[told], true])
    expect(lacksRules(opened(recordingText(old, snapshotOf(old))))).toBe(true)
    const mixed = readRecording(JSON.stringify({ ...opened(recordingText(whole, docker)), version: 1 }))
    expect(mixed).toMatchObject({ wrong: 'UNREADABLE' })
  })

  it('may lead in a circle in a file, without end to whoever lists them', () => {
    const chain = way.hops.find((hop): hop is HopOf<'chain'> => hop.kind === 'chain' && hop.hits.length > 0)
    const [hit] = chain?.hits ?? []
    if (!chain || !hit) throw new Error('a rule that matched')
    const round = { ...hit, verdict: 'jump' as const, to: chain.chain }
    const hop: Hop = { ...chain, hits: Array.from({ length: 50_000 }, () => round) }
    const made = { ...whole, stories: [{ ...told, way: { ...way, hops: [hop] } }] }
    const again = opened(recordingText(made, docker))
    const [first] = again.stories[0]?.way.hops ?? []
    if (first?.kind !== 'chain') throw new Error('the chain')
    expect(listChain(first, flow, snapshotOf(again)).rules.length).toBeGreaterThan(0)
  })
})

describe('a file', () => {
  const text = recordingText(recording, host)
  it('that is cut off anywhere is refused', () => {
    for (let end = 0; end < text.length; end += 7)
      expect(readRecording(text.slice(0, end))).toEqual({ wrong: 'NOT_JSON' })
  })
  it('that is something else, too large, nested without end or of another version is refused by name', () => {
    expect(readRecording('{"a":1}')).toEqual({ wrong: 'FOREIGN' })
    expect(readRecording('[]')).toEqual({ wrong: 'FOREIGN' })
    expect(readRecording(JSON.stringify(emptySnapshot(host.host)))).toEqual({ wrong: 'FOREIGN' })
    expect(readRecording(' '.repeat(LARGEST_FILE + 1))).toEqual({ wrong: 'TOO_LARGE' })
    const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`
    expect(['NOT_JSON', 'FOREIGN']).toContain((readRecording(deep) as { wrong: string }).wrong)
    expect(readRecording(text.replace('"version":2', '"version":3'))).toMatchObject({
      wrong: 'UNREADABLE',
      where: 'version',
    })
    expect(readRecording(text.replace('"kind":"send"', '"kind":"sent"'))).toMatchObject({
      wrong: 'UNREADABLE',
      where: 'stories.0.way.hops.0.kind',
    })
  })
})
