import { recordsOf } from '@hopscope/model'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { destinationsLike, originOf, readQuery, senderOf, sendersOf, splitDestination } from './asking.ts'
import { columnOf, readLine } from './line.ts'
import { ASK_ERRORS } from './words/codes.ts'
import { sayAskError } from './words/say.ts'

const host = recordedHost(46)
const line = (text: string) => readLine(text, host)
const typed = (text: string) => line(text)?.typed

/** What is wrong with a line, and where. */
function wrongIn(text: string) {
  const read = line(text)
  const answer = read && readQuery(host, read.typed)
  return answer && 'wrong' in answer ? [answer.wrong.code, columnOf(read, answer.wrong)] : undefined
}

describe('a question in one line', () => {
  it('is read with every arrow, with a protocol at any place, and without an arrow where it is clear', () => {
    const web = { from: 'cache', to: 'worker', port: '80' }
    for (const text of [
      'cache → worker:80',
      'cache -> worker:80',
      'cache->worker:80',
      '  cache => worker:80 ',
      'cache worker:80',
    ])
      expect(typed(text)).toEqual(web)
    expect(typed('udp cache -> worker:53')).toEqual({ ...web, port: '53', protocol: 'udp' })
    expect(typed('cache -> worker:53 UDP')).toEqual({ ...web, port: '53', protocol: 'udp' })
    expect(typed('ping cache worker')).toEqual({ from: 'cache', to: 'worker', protocol: 'icmp' })
    expect(typed('cache -> worker arp')).toEqual({ from: 'cache', to: 'worker', protocol: 'arp' })
    expect(typed('outside 192.168.66.11:80')).toEqual({ from: 'outside', to: '192.168.66.11', port: '80' })
    expect(typed('cache → worker：80')).toEqual(web)
  })

  it('is none when it can mean something else', () => {
    for (const text of [
      '',
      'cache',
      'cache worker',
      'cache 10.0.0.1',
      'docker drop',
      'tcp 80',
      'cache worker:80 drop',
      'nobody worker:80',
    ])
      expect(line(text), text).toBeUndefined()
  })

  it('says at which place it is wrong', () => {
    expect(wrongIn('cache -> worker:80')).toBeUndefined()
    expect(wrongIn('-> worker:80')).toEqual(['SENDER_MISSING', 1])
    expect(wrongIn('  cach -> worker:80')).toEqual(['UNKNOWN_SENDER', 3])
    expect(wrongIn('cache -> ')).toEqual(['DESTINATION_MISSING', 10])
    expect(wrongIn('cache -> worker:http')).toEqual(['NOT_A_PORT', 17])
    expect(wrongIn('cache -> worker:0')).toEqual(['NOT_A_PORT', 17])
    expect(wrongIn('cache -> worker udp')).toEqual(['PORT_MISSING', 16])
    expect(wrongIn('ping cache -> worker:80')).toEqual(['PORT_OF_ICMP', 22])
    expect(wrongIn('cache -> worker:80 arp')).toEqual(['PORT_OF_ARP', 17])
    expect(line('cache -> worker:80 now')?.tooMuch).toEqual({ word: 'now', column: 20 })
  })

  it('suggests near names, else tells some that there are', () => {
    const near = originOf(host, 'cachee')
    const far = originOf(host, 'qqqqqqqqqqqqqq')
    expect('wrong' in near && near.wrong.near).toContain('cache')
    expect('wrong' in far && far.wrong.known).toEqual(sendersOf(host))
    expect('wrong' in near && sayAskError(near.wrong, 'en', 3)).toMatch(
      /^Column 3: There is no sender "cachee"\. Did you mean .*cache/,
    )
  })

  it.each(['en', 'zh-CN'] as const)('every error is said in %s without a gap', (language) => {
    for (const code of ASK_ERRORS) {
      const said = sayAskError({ code, part: 'to', word: 'a{b', near: ['c'], known: [] }, language, 7)
      expect(said).toContain('7')
      expect(said).not.toMatch(/\{(word|column|error|words)\}|undefined/)
    }
  })
})

describe('the parts of a question', () => {
  it('destinations have a port or none, IPv6 in brackets or bare', () => {
    expect(splitDestination('web:80')).toEqual({ to: 'web', port: '80' })
    expect(splitDestination('[fe80::1]:80')).toEqual({ to: 'fe80::1', port: '80' })
    expect(splitDestination('fe80::1')).toEqual({ to: 'fe80::1' })
    expect(splitDestination('[fe80::1]')).toEqual({ to: 'fe80::1' })
  })

  it('whoever can send is found again by its name', () => {
    const names = sendersOf(host)
    expect(names.slice(0, 2)).toEqual(['host', 'outside'])
    for (const name of names) expect(originOf(host, name)).toHaveProperty('origin')
    for (const { netns } of recordsOf(host, 'container'))
      if (netns !== undefined)
        expect(originOf(host, senderOf(host, netns))).toEqual({ origin: { kind: 'netns', netns } })
  })

  it('a name that cannot be resolved leads to the addresses of whoever has it, else to names like it', () => {
    const worker = recordsOf(host, 'container').find(({ name }) => name === 'worker')
    expect(destinationsLike(host, 'worker').addresses).toEqual(worker?.attachments.flatMap(({ ip }) => ip ?? []))
    expect(destinationsLike(host, 'workr')).toEqual({ addresses: [], near: expect.arrayContaining(['worker']) })
  })
})
