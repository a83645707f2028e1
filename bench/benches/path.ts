import { recordsOf } from '@hopscope/model'
import { predict, type Query } from '@hopscope/path'
import { recordedHost } from '@hopscope/testkit/recorded'
import type { Bench } from '../bench.ts'

const QUERIES = 1_000

export const path: Bench = {
  name: 'path',
  title: 'Predicting the way of a packet',
  about:
    'From a question ("does it get there?") and the state of a host with 300 recorded containers to every hop there and back, as the page does ' +
    `while one types. ${QUERIES} questions: between containers, and from outside to published ports; one sample each.`,
  runs: 1,
  async run(session) {
    const queries = queriesFor()
    const host = recordedHost(300)
    const samples: number[] = []
    const verdicts = new Map<string, number>()
    for (let i = 0; i < QUERIES; i++) {
      const query = queries[(i * 7919) % queries.length]
      if (query === undefined) throw new Error('there are questions')
      const began = performance.now()
      const { outcome } = predict(host, query)
      samples.push(performance.now() - began)
      verdicts.set(outcome.verdict, (verdicts.get(outcome.verdict) ?? 0) + 1)
    }
    session.say([...verdicts].map(([verdict, n]) => `${n} ${verdict}`).join(', '))
    session.figure({
      group: 'Predicting one packet, there and back',
      name: '300 recorded containers',
      unit: 'ms',
      samples,
      limit: { of: 'median', atMost: 2 },
    })
  },
}

function queriesFor(): Query[] {
  const containers = recordsOf(recordedHost(300), 'container')
  const placed = containers.flatMap(({ netns, attachments, ports }) => {
    const ip = attachments.find((a) => a.ip)?.ip
    return netns === undefined || ip === undefined ? [] : [{ netns, ip, ports }]
  })
  return placed.flatMap(({ netns, ports }, i): Query[] => [
    ...[1, 2, 3, 5, 8].flatMap((step): Query[] => {
      const to = placed[(i + step * 13) % placed.length]?.ip
      return to === undefined
        ? []
        : [
            {
              from: { kind: 'netns', netns },
              to,
              protocol: step % 2 ? 'icmp' : 'tcp',
              ...(step % 2 === 0 && { port: 80 }),
            },
          ]
    }),
    ...ports.map(
      ({ hostPort }): Query => ({ from: { kind: 'outside' }, to: '192.168.66.11', protocol: 'tcp', port: hostPort }),
    ),
  ])
}
