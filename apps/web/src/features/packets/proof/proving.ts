import type { Hop, HostSnapshot } from '@hopscope/model'
import { addressOf, type Prediction, type Query } from '@hopscope/path'
import type { ToldProof, TraceAnswer } from '@hopscope/protocol'
import { type Comparison, compareWays } from '@hopscope/trace'
import { useMutation } from '@tanstack/react-query'
import { trpc } from '../../../api/client.ts'
import type { SeenBeside } from '../onMap.ts'

/** What would be sent: where it is certain to go is known before. Undefined where nothing can be sent from here. */
export type Probe = { netns: string; to: string; query: Query }

export function probeOf(prediction: Pick<Prediction, 'query' | 'forward'>, snapshot: HostSnapshot): Probe | undefined {
  const { query } = prediction
  if (query.from.kind !== 'netns' || snapshot.records.netns[query.from.netns] === undefined) return undefined
  const to = addressOf(prediction)
  return to === undefined ? undefined : { netns: query.from.netns, to, query }
}

/** One direction side by side; without a comparison when no such packet was seen. */
export type ProvenWay = { name: 'forward' | 'back'; comparison?: Comparison; proof: ToldProof['forward'] }

/** Both directions of a proof, as far as an answer was expected or seen. */
export function provenWays({ prediction, forward, back, summary }: ToldProof): ProvenWay[] {
  const untold = new Set(summary.legacy.map(({ netns }) => netns))
  const one = (name: ProvenWay['name'], proof: ToldProof['forward']): ProvenWay => ({
    name,
    proof,
    ...(proof && { comparison: compareWays(proof.predicted, proof.story.way, untold) }),
  })
  return [one('forward', forward), ...(prediction.back && forward ? [one('back', back)] : [])]
}

/** Whether all that was predicted was seen, and nothing else. */
export const isEqual = ({ comparison }: ProvenWay): boolean =>
  comparison !== undefined && comparison.first === undefined && comparison.sameVerdict

/** For the map: what was seen in each direction, and where it differs first from what was predicted. */
export function besideOnMap(proof: ToldProof): Partial<Record<ProvenWay['name'], SeenBeside>> {
  const all: Partial<Record<ProvenWay['name'], SeenBeside>> = {}
  for (const { name, proof: one, comparison } of provenWays(proof)) {
    if (!one || !comparison) continue
    const { hops } = one.story.way
    const { rows, first, sameVerdict } = comparison
    const row = first === undefined ? undefined : rows[first]
    const up = (to: readonly Hop[], hop: Hop) => to.slice(0, to.indexOf(hop) + 1)
    // What ends otherwise without a hop that differs does so at its end.
    const end = sameVerdict ? undefined : hops
    const { observed, predicted } = row ?? {}
    const difference = observed ? up(hops, observed) : predicted ? up(one.predicted.hops, predicted) : end
    all[name] = { hops, ...(difference && { difference }) }
  }
  return all
}

/** Sends the probe; the answer stays until another one is sent. */
export function useProving() {
  const { mutate, data, error, isPending, variables } = useMutation(trpc.tracing.prove.mutationOptions())
  const answer: TraceAnswer | undefined = data
  const prove = (hostId: string, query: Query) => mutate({ hostId, query })
  return { prove, answer, error, isPending, asked: variables?.query }
}
export type Proving = ReturnType<typeof useProving>

/** An answer to another question is none to this one. */
export const isAbout = ({ asked }: Pick<Proving, 'asked'>, query: Query): boolean =>
  asked !== undefined && JSON.stringify(asked) === JSON.stringify(query)

/** What came of the packet that was asked about, once it was sent. */
export const proofOf = (proving: Proving, query: Query): ToldProof | undefined =>
  isAbout(proving, query) && !proving.isPending && proving.answer?.kind === 'proof' ? proving.answer.proof : undefined
