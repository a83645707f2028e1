import type { HostSnapshot } from '@hopscope/model'
import { namerOf, sayHop, sayOutcome } from '@hopscope/path'
import type { SandboxHost } from '@hopscope/sandbox'
import type { Proof } from '../../src/capture/proof.ts'
import { openCapturing } from '../capture/capturing.ts'
import type { Dice } from './dice.ts'
import type { RandomHost } from './randomHost.ts'
import { originOf } from './sending.ts'

/** Questions of ARP by what was predicted of them, and those of which something else was seen. */
export type Asked = { verdicts: string[]; different: string[] }

/** Asks who has random addresses of a random host, once with its rules as they are and more that concern ARP; each is predicted and proven. */
export async function askAround(host: SandboxHost, made: RandomHost, random: Dice, count: number): Promise<Asked> {
  const done = await meddle(host, made, random)
  const senders = made.senders.filter((name) => name !== 'outside')
  const asked: Asked = { verdicts: [], different: [] }
  const capturing = await openCapturing(host)
  try {
    for (let i = 0; i < count; i++) {
      const from = random.pick(senders)
      const near = made.addresses.filter((address) => address.startsWith(netOf(from)))
      const to = random.pick(near.length > 0 && random.chance(0.9) ? near : made.addresses)
      const snapshot = await capturing.snapshot()
      const proof = await capturing.prove({ from: originOf(snapshot, from), to, protocol: 'arp' })
      if ('because' in proof) {
        asked.verdicts.push(`arp ${proof.because}`)
        continue
      }
      const { verdict, reason, what } = proof.prediction.outcome
      asked.verdicts.push(
        ['arp', verdict, reason, verdict === 'undetermined' ? what : undefined].filter(Boolean).join(' '),
      )
      if (verdict === 'undetermined') continue
      const wrong = differencesOf(proof, snapshot)
      if (wrong.length > 0) asked.different.push([`${from} → ${to} arp`, ...wrong].join('\n    '))
    }
  } finally {
    await capturing.close()
  }
  const [first, ...more] = asked.different
  return first === undefined ? asked : { ...asked, different: [[...done, first].join('\n  '), ...more] }
}

/** Where the addresses of a namespace's own link begin; the host and its routers have several. */
const netOf = (name: string): string => (name === 'w1' ? '10.9.' : /^n\d/.test(name) ? `10.${name[1]}.` : '10.')

/** Rules for ARP, links without it and proxies. */
async function meddle(host: SandboxHost, { senders }: RandomHost, random: Dice): Promise<string[]> {
  const done: string[] = []
  const within = async (name: string, ...words: string[]) => {
    const argv = name === 'host' ? words : ['ip', 'netns', 'exec', name, ...words]
    const { code } = await host.exec(argv)
    done.push(`${argv.join(' ')}${code === 0 ? '' : ' # refused'}`)
  }
  const inside = senders.filter((name) => name !== 'outside')
  const address = () => random.pick(['10.1.0.11', '10.1.0.12', '10.2.0.11', '10.1.0.1', '10.9.0.1'])
  const match = () =>
    random.pick([
      '',
      'arp operation request',
      'arp operation reply',
      `arp daddr ip ${address()}`,
      `arp saddr ip ${address()}`,
    ])
  const verdict = () => random.pick(['accept', 'drop', 'counter', 'drop'])
  const table = (family: string, hook: string, rules: readonly string[]) =>
    `table ${family} a${random.between(1, 9999)} { chain c { type filter hook ${hook} priority ${random.pick([-300, 0, 10])}; ${rules.join('; ')}; }\n}`
  const onArp = () =>
    within(
      random.pick(inside),
      'nft',
      table('arp', random.pick(['input', 'output']), [`${match()} ${verdict()}`, `${match()} ${verdict()}`]),
    )
  const onBridge = () => {
    const hook = random.pick(['prerouting', 'input', 'forward', 'output', 'postrouting'])
    return within(
      'host',
      'nft',
      table('bridge', hook, [`ether type arp ${match()} ${verdict()}`, `${match()} ${verdict()}`]),
    )
  }
  const acts: (() => Promise<void>)[] = [
    onArp,
    onArp,
    onBridge,
    onBridge,
    onBridge,
    () => within(random.pick(inside.filter((name) => name !== 'host')), 'ip', 'link', 'set', 'eth0', 'arp', 'off'),
    () => within(random.pick(inside), 'sysctl', '-qw', 'net.ipv4.conf.all.proxy_arp=1'),
  ]
  for (let i = random.between(1, 6); i > 0; i--) await random.pick(acts)()
  return done
}

/** What only one side has, of the question's way and the answer's. */
function differencesOf({ forward, back, prediction }: Proof, snapshot: HostSnapshot): string[] {
  const namer = namerOf(snapshot)
  const ways = prediction.back ? [forward, back] : [forward]
  return ways.flatMap((way, i) => {
    const name = i === 0 ? 'question' : 'answer'
    if (way === undefined) return prediction.outcome.verdict === 'refused' ? [] : [`${name}: not seen`]
    const { rows, sameVerdict } = way.comparison
    const lines = rows.flatMap(({ predicted, observed }) =>
      predicted && observed
        ? []
        : [`${name}, ${predicted ? 'predicted' : 'seen'}: ${JSON.stringify(predicted ?? observed)}`],
    )
    const [was, is] = [way.predicted.outcome, way.story.way.outcome].map((end) => sayOutcome(end, 'en', namer))
    if (lines.length > 0) lines.push(...way.predicted.hops.map((hop) => `  ${sayHop(hop, 'en', namer)}`))
    return sameVerdict ? lines : [...lines, `${name} ended: predicted ${was}, seen ${is}`]
  })
}
