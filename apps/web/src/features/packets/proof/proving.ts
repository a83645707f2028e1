import type { HostSnapshot } from '@hopscope/model'
import { addressOf, type Prediction, type Query } from '@hopscope/path'
import type { ToldProof, TraceAnswer } from '@hopscope/protocol'
import { type Comparison, compareWays } from '@hopscope/trace'
import { useMutation } from '@tanstack/react-query'
import { trpc } from '../../../api/client.ts'

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

/** Sends the probe; the answer stays until another one is sent. */
export function useProving() {
  const { mutate, data, error, isPending, variables } = useMutation(trpc.tracing.prove.mutationOptions())
  const answer: TraceAnswer | undefined = data
  const prove = (hostId: string, query: Query) => mutate({ hostId, query })
  return { prove, answer, error, isPending, asked: variables?.query }
}
