import type { HostSnapshot, Flow as Tuple, Way } from '@hopscope/model'
import type { SandboxHost } from '@hopscope/sandbox'
import { openCapturing } from '../capture/capturing.ts'
import { type Flow, flowText, originOf } from './sending.ts'

/** Rules, NAT and links on both ways of some flows, as predicted and as the kernel traced them. */
export type Proven = { compared: number; different: string[] }

/** Sends each flow once more and traces it; what was not seen as a whole is left out. */
export async function proveAll(host: SandboxHost, snapshot: HostSnapshot, flows: readonly Flow[]): Promise<Proven> {
  const capturing = await openCapturing(host)
  const result: Proven = { compared: 0, different: [] }
  try {
    for (const { from, ...flow } of flows) {
      const proof = await capturing.prove({ from: originOf(snapshot, from), ...flow })
      if ('because' in proof) continue
      for (const side of ['forward', 'back'] as const) {
        const seen = proof[side]?.story
        const predicted = proof.prediction[side]
        if (!seen || seen.partial || !predicted || proof.prediction.outcome.verdict === 'undetermined') continue
        result.compared += 1
        const [was, is] = [decided(predicted), decided(seen.way)]
        // Behind the last hook the trace is silent: that nobody answers for the MAC address is not seen.
        if (predicted.hops.at(-1)?.kind === 'neighbour' && is.length > was.length) is.pop()
        if (was.join('\n') === is.join('\n')) continue
        const text = [
          `${flowText({ from, ...flow })} ${side}`,
          ...lines('predicted', was, is),
          ...lines('traced', is, was),
        ]
        result.different.push(text.join('\n    '))
      }
    }
  } finally {
    await capturing.close()
  }
  return result
}

const lines = (who: string, own: readonly string[], other: readonly string[]): string[] =>
  own.filter((line) => !other.includes(line)).map((line) => `${who}: ${line}`)

/** What the kernel decides, of what it traces: rules of nf_tables in order, translations, the links that it leaves by. */
function decided({ hops }: Way): string[] {
  return hops.flatMap((hop) => {
    if (hop.kind === 'leave') return [`${hop.netns} leaves by ${hop.link.name}`]
    if (hop.kind === 'nat') return [`${hop.netns} ${text(hop.before)} becomes ${text(hop.after)}`]
    if (hop.kind !== 'chain' || hop.engine !== 'nft') return []
    const hits = hop.hits.map(({ chain, handle, verdict }) => `${chain}#${handle} ${verdict}`)
    return [
      `${hop.netns} ${hop.hook} ${hop.family} ${hop.table} ${hop.chain}: ${hits.join(', ')} → ${hop.verdict}${hop.policy ? ' (policy)' : ''}`,
    ]
  })
}

const text = ({ src, dst, dport }: Tuple): string => `${src} > ${dst}:${dport ?? ''}`
